# SPDX-License-Identifier: GPL-2.0-or-later
# A root file system in memory.
# kind: configuration
{ config, lib, pkgs, ... }: { imports = [ ./hardware/scanned.nix ]; fileSystems = { "/" = lib.mkForce { device = "none"; fsType = "tmpfs"; options = [ "size=2G" "mode=755" ]; }; "/nix" = { device = "/dev/disk/by-label/nix"; fsType = "btrfs"; neededForBoot = true; options = [ "subvol=nix" ]; }; "/etc/nixos" = { device = "/nix/persist/etc/nixos"; fsType = "none"; options = [ "bind" ]; }; "/home".neededForBoot = true; "/home".device = "/dev/disk/by-partlabel/home"; "/boot".options = lib.mkForce [ "umask=0077" ]; }; swapDevices = lib.mkIf true [ ]; boot.initrd.supportedFilesystems = { btrfs = lib.mkForce true; zfs = lib.mkForce false; }; boot.supportedFilesystems.zfs = lib.mkForce false; }
