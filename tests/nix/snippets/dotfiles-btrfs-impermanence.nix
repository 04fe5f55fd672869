# SPDX-License-Identifier: GPL-2.0-or-later
# A root that is rolled back.
# kind: configuration
# says: boot.initrd.systemd.services has no effect
{ lib, ... }: { fileSystems."/" = { device = "/dev/disk/by-label/nixos"; fsType = "btrfs"; options = [ "subvol=root" "compress=zstd" ]; }; fileSystems."/persist" = { device = "/dev/disk/by-label/nixos"; fsType = "btrfs"; options = [ "subvol=persist" ]; neededForBoot = true; }; boot.initrd.postDeviceCommands = lib.mkAfter "mkdir /btrfs_tmp"; environment.persistence."/persist".directories = [ "/var/log" ]; boot.initrd.systemd.services.rollback = { wantedBy = [ "initrd.target" ]; script = "x"; }; services.btrfs.autoScrub.enable = true; }
