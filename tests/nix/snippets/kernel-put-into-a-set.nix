# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel put into the set with //.
# kind: configuration
{ config, lib, pkgs, ... }: { boot = rec {
  kernelPackages = pkgs.linuxPackages_latest // { kernel = pkgs.linuxPackages_latest.kernel.overrideDerivation (attr: { enableParallelBuilding = true; }); };
  kernelPatches = map (name: { patch = ./files/readme.patch; inherit name; }) (if builtins.compareVersions kernelPackages.kernel.version "4.9" > -1 then [ "APST" ] else [ ]);
}; }
