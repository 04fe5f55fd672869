# SPDX-License-Identifier: GPL-2.0-or-later
# A Microsoft Azure machine: Hyper-V's drivers and console.
{ lib, ... }:
{
  imports = [ (import ../installer/no-image.nix { names = [ "azureImage" ]; }) ];
  fileSystems."/" = { device = lib.mkDefault "/dev/disk/by-label/nixos"; fsType = lib.mkDefault "ext4"; };
  boot.initrd.availableKernelModules = [ "hv_vmbus" "hv_netvsc" "hv_utils" "hv_storvsc" ];
  boot.kernelParams = [ "console=ttyS0" "earlyprintk=ttyS0" "rootdelay=300" "panic=1" "boot.panic_on_fail" ];
}
