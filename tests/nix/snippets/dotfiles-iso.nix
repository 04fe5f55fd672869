# SPDX-License-Identifier: GPL-2.0-or-later
# An installation image.
# kind: configuration
# says: The installation image
{ pkgs, ... }: { imports = [ <nixpkgs/nixos/modules/installer/cd-dvd/installation-cd-graphical-gnome.nix> ]; boot.kernelPackages = pkgs.linuxPackages_latest; isoImage.edition = "x"; }
