# SPDX-License-Identifier: GPL-2.0-or-later
# Device trees of a board, with overlays of files and text.
# kind: configuration
{ pkgs, ... }: {
  nixpkgs.hostPlatform = "aarch64-linux"; nixpkgs.buildPlatform = "x86_64-linux";
  hardware.deviceTree = { enable = true; name = "broadcom/bcm2711-rpi-4-b.dtb"; filter = "bcm2711-rpi-4*.dtb"; overlays = [ { name = "test"; dtsFile = ./files/overlay.dts; } { name = "text"; dtsText = builtins.readFile ./files/overlay.dts; } { name = "flt"; filter = "*rpi-4-b*"; dtsFile = ./files/overlay.dts; } ]; };
  boot = { kernelPackages = pkgs.linuxPackages_latest; initrd.availableKernelModules = [ "usbhid" "usb_storage" ]; kernelModules = [ "vc4" ]; loader = { grub.enable = false; generic-extlinux-compatible.enable = true; }; };
  fileSystems."/".device = "/dev/disk/by-label/NIXOS_SD";
}
