# SPDX-License-Identifier: GPL-2.0-or-later
# buildLinux called with the whole package set.
# kind: configuration
{ config, lib, pkgs, ... }: {
  boot = {
    tmpOnTmpfs = true;
    loader.grub = { enable = false; version = 2; device = "nodev"; };
    loader.generic-extlinux-compatible = { enable = true; };
    kernelPackages = pkgs.linuxPackagesFor (pkgs.buildLinux (pkgs // {
      src = ./files/hello; version = "6.5-rc5pbp"; modDirVersion = "6.5.0-rc5-PBP";
      autoModules = false; defconfig = "pinebook_pro_defconfig";
      kernelPatches = [ { extraConfig = "CRYPTO_AEGIS128_SIMD n"; patch = null; name = "no_simd"; } ];
    }));
  };
}
