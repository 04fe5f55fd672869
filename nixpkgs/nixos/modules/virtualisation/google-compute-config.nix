# SPDX-License-Identifier: GPL-2.0-or-later
# A Google Compute Engine machine: its disks and its console.
{ lib, ... }:
{
  fileSystems."/" = { device = lib.mkDefault "/dev/disk/by-label/nixos"; fsType = lib.mkDefault "ext4"; };
  boot.initrd.availableKernelModules = [ "virtio_net" "virtio_pci" "virtio_scsi" "virtio_blk" "nvme" ];
  boot.kernelModules = [ "virtio_pci" "virtio_net" ];
  boot.kernelParams = [ "console=ttyS0" "panic=1" "boot.panic_on_fail" ];
}
