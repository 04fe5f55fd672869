# SPDX-License-Identifier: GPL-2.0-or-later
# A guest of QEMU: virtio's drivers.
{ lib, ... }:
{
  imports = [ (import ../installer/no-image.nix { names = [ "VMA" ]; }) ];
  fileSystems."/" = { device = lib.mkDefault "/dev/disk/by-label/nixos"; fsType = lib.mkDefault "ext4"; };
  boot.initrd.availableKernelModules = [ "virtio_net" "virtio_pci" "virtio_mmio" "virtio_blk" "virtio_scsi" ];
}
