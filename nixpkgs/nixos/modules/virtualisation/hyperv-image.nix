# SPDX-License-Identifier: GPL-2.0-or-later
# A guest of Hyper-V: its drivers.
{ lib, ... }:
{
  imports = [ (import ../installer/no-image.nix { names = [ "hypervImage" ]; }) ];
  fileSystems."/" = { device = lib.mkDefault "/dev/disk/by-label/nixos"; fsType = lib.mkDefault "ext4"; };
  boot.initrd.availableKernelModules = [ "hv_vmbus" "hv_netvsc" "hv_utils" "hv_storvsc" ];
}
