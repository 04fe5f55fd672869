# SPDX-License-Identifier: GPL-2.0-or-later
# Row 16's system with the patched module of its kernel in the place of the kernel's own.
{ config, pkgs, ... }:
{
  imports = [ ../16-custom-source/small.nix ];
  boot.extraModulePackages = [
    (import ./loop.nix { inherit pkgs; inherit (config.boot.kernelPackages) kernel; })
  ];
  boot.kernelModules = [ "loop" ];
}
