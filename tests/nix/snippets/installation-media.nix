# SPDX-License-Identifier: GPL-2.0-or-later
# A configuration of installation media.
# kind: configuration
{ config, pkgs, ... }: {
  imports = [ <nixpkgs/nixos/modules/installer/cd-dvd/installation-cd-minimal.nix> <nixpkgs/nixos/modules/installer/cd-dvd/channel.nix> ];
  boot.kernelPackages = pkgs.linuxPackages_latest; isoImage.squashfsCompression = "gzip -Xcompression-level 1";
}
