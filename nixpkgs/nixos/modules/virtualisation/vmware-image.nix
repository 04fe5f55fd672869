# SPDX-License-Identifier: GPL-2.0-or-later
# A guest of VMware: its disks.
{ lib, ... }:
{
  imports = [ (import ../installer/no-image.nix { names = [ "vmwareImage" ]; }) ];
  fileSystems."/" = { device = lib.mkDefault "/dev/disk/by-label/nixos"; fsType = lib.mkDefault "ext4"; };
  boot.initrd.availableKernelModules = [ "mptspi" "vmw_pvscsi" "ahci" "ata_piix" "sd_mod" "sr_mod" ];
}
