# SPDX-License-Identifier: GPL-2.0-or-later
# A module with priority, and one that is conditional.
# kind: configuration
{ config, lib, pkgs, ... }: let alx-pkm = config.boot.kernelPackages.callPackage ({ lib, kernel, stdenv, runCommand }: runCommand "alx" { nativeBuildInputs = kernel.moduleBuildDependencies; inherit (kernel) modDirVersion; } "mkdir -p $out/lib/modules/$modDirVersion") { }; in {
  networking.interfaces.enp3s0.wakeOnLan.enable = true; boot.extraModulePackages = [ (lib.hiPrio alx-pkm) (lib.mkIf false alx-pkm) ];
}
