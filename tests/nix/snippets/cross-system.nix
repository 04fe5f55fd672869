# kind: configuration
{ config, lib, pkgs, ... }: {
  nixpkgs.crossSystem = lib.systems.examples.aarch64-multiplatform;
  boot.kernelPackages = pkgs.linuxPackages_rpi4;
  boot.loader.grub.enable = false; boot.loader.generic-extlinux-compatible.enable = true;
  hardware.deviceTree = { enable = true; filter = "bcm2711-rpi-*.dtb"; };
}
