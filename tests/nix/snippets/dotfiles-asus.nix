# SPDX-License-Identifier: GPL-2.0-or-later
# A laptop of ASUS.
# kind: configuration
{ pkgs, lib, ... }: { services.supergfxd.enable = true; services.asusd = { enable = true; enableUserService = true; }; boot.kernelParams = [ "pcie_aspm.policy=powersupersave" ]; boot.kernelPackages = lib.mkIf (lib.versionOlder pkgs.linux.version "6.1") pkgs.linuxPackages_latest; }
