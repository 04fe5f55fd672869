# SPDX-License-Identifier: GPL-2.0-or-later
# The newest kernel that there is source for, small enough to be compiled in a minute or two. `series` is a name of <nixpkgs>.
{ series }:
{ pkgs, lib, ... }:
{
  imports = [ ../small-system.nix ];
  boot.kernelPackages = pkgs.linuxPackagesFor (pkgs.${series}.override (import ../small-kernel.nix { inherit lib; }));
}
