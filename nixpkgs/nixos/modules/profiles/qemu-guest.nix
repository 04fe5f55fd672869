# SPDX-License-Identifier: GPL-2.0-or-later
# What a hardware-configuration.nix imports in a QEMU machine: the drivers that its initrd and its system need.
{ ... }:
{
  boot.initrd.availableKernelModules = [ "virtio_net" "virtio_pci" "virtio_mmio" "virtio_blk" "virtio_scsi" "9p" "9pnet_virtio" ];
  boot.initrd.kernelModules = [ "virtio_balloon" "virtio_console" "virtio_rng" "virtio_gpu" ];
}
