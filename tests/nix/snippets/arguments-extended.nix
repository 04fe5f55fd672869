# SPDX-License-Identifier: GPL-2.0-or-later
# A testing kernel, its own arguments extended.
# kind: configuration
{ pkgs, lib, config, ... }: {
  boot.kernelPackages = pkgs.linuxPackagesFor (pkgs.callPackage ({ fetchurl, lib, linuxKernel, linuxPackagesFor, ... }: linuxKernel.kernels.linux_testing.override (originalArgs: { structuredExtraConfig = (originalArgs.structuredExtraConfig or { }) // (with lib.kernel; { KVM = yes; MAGIC_SYSRQ = yes; EC_LENOVO_YOGA_SLIM7X = module; }); kernelPatches = (originalArgs.kernelPatches or [ ]) ++ [ { name = "x"; patch = ./files/readme.patch; } ]; })) { });
}
