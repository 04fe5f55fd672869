# SPDX-License-Identifier: GPL-2.0-or-later
# Signed boot files.
# kind: configuration
{ pkgs, lib, ... }: { boot.loader.systemd-boot.enable = lib.mkForce false; boot.lanzaboote = { enable = true; pkiBundle = "/etc/secureboot"; }; environment.systemPackages = [ pkgs.sbctl ]; }
