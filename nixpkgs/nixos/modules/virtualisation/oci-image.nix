# SPDX-License-Identifier: GPL-2.0-or-later
# A machine of Oracle's cloud: its disks and its console.
{ lib, ... }:
{
  imports = [ (import ../installer/no-image.nix { names = [ "OCIImage" ]; }) ];
  fileSystems."/" = { device = lib.mkDefault "/dev/disk/by-label/nixos"; fsType = lib.mkDefault "ext4"; };
  boot.initrd.availableKernelModules = [ "virtio_net" "virtio_pci" "virtio_mmio" "virtio_blk" "virtio_scsi" ];
  boot.kernelParams = [ "nvme.shutdown_timeout=10" "nvme_core.shutdown_timeout=10" "libiscsi.debug_libiscsi_eh=1" "crash_kexec_post_notifiers" "console=tty1" "console=ttyS0" "console=ttyAMA0,115200" ];
}
