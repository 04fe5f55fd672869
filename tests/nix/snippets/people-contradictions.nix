# SPDX-License-Identifier: GPL-2.0-or-later
# Definitions of two files.
# kind: configuration
{ pkgs, ... }: { imports = [ ./hardware/scanned.nix { environment.systemPackages = [ pkgs.a1 ]; users.users.x.extraGroups = [ "a" ]; services.xserver.enable = true; services.foo.bar = 1; programs.x = { a = 1; }; } ]; environment.systemPackages = with pkgs; [ a2 ]; users.users.x.extraGroups = [ "b" ]; services.xserver.enable = true; services.foo.bar = 2; programs.x = [ 1 ]; }
