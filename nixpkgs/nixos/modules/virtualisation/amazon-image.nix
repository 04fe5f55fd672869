# SPDX-License-Identifier: GPL-2.0-or-later
# An Amazon EC2 machine: its disks, its network card, its console.
{ lib, ... }:
{
  imports = [ (import ../installer/no-image.nix { names = [ "amazonImage" ]; }) ];
  fileSystems."/" = { device = lib.mkDefault "/dev/disk/by-label/nixos"; fsType = lib.mkDefault "ext4"; };
  boot.initrd.availableKernelModules = [ "nvme" "xen-blkfront" "xen-netfront" "ena" ];
  boot.blacklistedKernelModules = [ "nouveau" "xen_fbfront" ];
  boot.kernelParams = [ "console=ttyS0,115200n8" "random.trust_cpu=on" "nvme_core.io_timeout=4294967295" ];
}
