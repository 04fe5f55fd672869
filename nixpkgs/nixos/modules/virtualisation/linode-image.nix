# SPDX-License-Identifier: GPL-2.0-or-later
# A Linode machine: virtio's drivers and the serial console.
{ lib, ... }:
{
  imports = [ (import ../installer/no-image.nix { names = [ "linodeImage" ]; }) ];
  fileSystems."/" = { device = lib.mkDefault "/dev/disk/by-label/nixos"; fsType = lib.mkDefault "ext4"; };
  boot.initrd.availableKernelModules = [ "virtio_net" "virtio_pci" "virtio_mmio" "virtio_blk" "virtio_scsi" ];
  boot.kernelParams = [ "console=ttyS0,19200n8" ];
}
