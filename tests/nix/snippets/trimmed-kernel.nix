# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel with much of it switched off.
# kind: configuration
{ lib, config, pkgs, ... }: let
  base = pkgs.linuxPackages_6_12; forceOff = lib.genAttrs [ "MTD" "NFC" "STAGING" "WWAN" ] (_: lib.mkForce lib.kernel.no);
  customKernel = base.kernel.override { kernelPatches = (base.kernel.kernelPatches or [ ]) ++ [ { name = "a"; patch = ./files/readme.patch; } ]; structuredExtraConfig = (base.kernel.structuredExtraConfig or { }) // forceOff // lib.optionalAttrs true (with lib.kernel; { DRM_AMDGPU = lib.mkForce no; }); };
in { boot.kernelPackages = pkgs.linuxPackagesFor customKernel; }
