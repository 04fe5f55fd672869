# SPDX-License-Identifier: GPL-2.0-or-later
# A DigitalOcean machine: virtio's drivers and the serial console.
{ lib, ... }:
{
  imports = [ (import ../installer/no-image.nix { names = [ "digitalOceanImage" ]; }) ];
  fileSystems."/" = { device = lib.mkDefault "/dev/disk/by-label/nixos"; fsType = lib.mkDefault "ext4"; };
  boot.initrd.availableKernelModules = [ "virtio_net" "virtio_pci" "virtio_mmio" "virtio_blk" "virtio_scsi" ];
  boot.kernelParams = [ "console=ttyS0" "panic=1" "boot.panic_on_fail" ];
}
