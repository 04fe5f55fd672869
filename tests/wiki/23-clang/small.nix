# SPDX-License-Identifier: GPL-2.0-or-later
# The page's override on a source that can be reached, for a small kernel that boots.
{ lib, pkgs, ... }:
{
  boot.kernelPackages = pkgs.linuxPackagesFor (
    with pkgs;
    (pkgs.linux_debian.override {
       # needs to be clang11Stdenv or newer
       stdenv = clang11Stdenv;
    }).override (import ../small-kernel.nix { inherit lib; })
  );
  imports = [ ../small-system.nix ];
}
