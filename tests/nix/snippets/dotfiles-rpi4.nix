# SPDX-License-Identifier: GPL-2.0-or-later
# A Raspberry Pi 4.
# kind: configuration
{ pkgs, lib, ... }: { nixpkgs.hostPlatform = "aarch64-linux"; boot = { kernelPackages = pkgs.linuxKernel.packages.linux_rpi4; initrd.availableKernelModules = [ "xhci_pci" "usbhid" "usb_storage" ]; loader = { grub.enable = false; generic-extlinux-compatible.enable = true; }; }; fileSystems."/" = { device = "/dev/disk/by-label/NIXOS_SD"; fsType = "ext4"; options = [ "noatime" ]; }; hardware.enableRedistributableFirmware = true; hardware.raspberry-pi."4".fkms-3d.enable = true; hardware.raspberry-pi."4".apply-overlays-dtmerge.enable = true; }
