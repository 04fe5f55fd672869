# SPDX-License-Identifier: GPL-2.0-or-later
# A guest of VirtualBox: its disks.
{ lib, ... }:
{
  imports = [ (import ../installer/no-image.nix { names = [ "virtualBoxOVA" ]; }) ];
  fileSystems."/" = { device = lib.mkDefault "/dev/disk/by-label/nixos"; fsType = lib.mkDefault "ext4"; };
  boot.initrd.availableKernelModules = [ "ata_piix" "ohci_pci" "ehci_pci" "ahci" "sd_mod" "sr_mod" ];
}
