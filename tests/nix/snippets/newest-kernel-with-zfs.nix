# SPDX-License-Identifier: GPL-2.0-or-later
# The newest kernel that ZFS's modules are for, by the package of its programs.
# kind: configuration
{ config, pkgs, lib, ... }: {
  boot.kernelPackages = pkgs.zfs.latestCompatibleLinuxPackages;
  boot.kernelModules = [ "framework-laptop-kmod" ];
  powerManagement = { enable = true; cpuFreqGovernor = lib.mkDefault "powersave"; };
}
