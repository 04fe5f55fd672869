# SPDX-License-Identifier: GPL-2.0-or-later
# A system for another processor: its kernel, modules, stage 1 and guest are compiled here and booted in that machine.
{ config, lib, pkgs, ... }:
{
  nixpkgs.crossSystem = lib.systems.examples.aarch64-multiplatform;
  boot.kernelPackages = pkgs.linuxPackagesFor (pkgs.linux_debian.override (import ../small-kernel.nix { inherit lib; arch = "arm64"; }));
  boot.extraModulePackages = with config.boot.kernelPackages; [ hello ];
  imports = [ ../small-system.nix ];
}
