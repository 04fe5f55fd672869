# SPDX-License-Identifier: GPL-2.0-or-later
# Logical volumes and RAID.
# kind: configuration
{ config, lib, ... }: { imports = [ ./hardware/scanned.nix ]; fileSystems = lib.mkForce { "/" = { device = "/dev/vg0/root"; fsType = "ext4"; }; "/boot" = { device = "/dev/md0"; fsType = "ext4"; }; "/nix" = { device = "/dev/mapper/vg0-nix"; fsType = "xfs"; }; }; boot.initrd.kernelModules = [ "dm-snapshot" "dm-crypt" ]; }
