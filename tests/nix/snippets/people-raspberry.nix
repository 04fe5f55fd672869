# SPDX-License-Identifier: GPL-2.0-or-later
# A board with extlinux and device trees.
# kind: configuration
{ config, pkgs, lib, ... }: {
  nixpkgs.system = "aarch64-linux";
  boot.loader = { generic-extlinux-compatible.enable = true; grub.enable = false; };
  boot.loader.generic-extlinux-compatible.configurationLimit = 3;
  boot.kernelPackages = lib.mkForce pkgs.linuxKernel.packages.linux_rpi4;
  boot.initrd.supportedFilesystems = [ "vfat" "ext4" ];
  console.font = lib.mkForce "ter-v16n";
  boot.initrd.kernelModules = [ "usbhid" "usb_storage" "vc4" "mmc_block" ];
  hardware.deviceTree = { enable = true; filter = "bcm2711-rpi-*.dtb"; overlays = [ { name = "spi"; dtsText = "x"; } ]; };
  hardware.enableRedistributableFirmware = true;
  fileSystems."/" = { device = "/dev/disk/by-label/NIXOS_SD"; fsType = "ext4"; options = [ "noatime" ]; };
}
