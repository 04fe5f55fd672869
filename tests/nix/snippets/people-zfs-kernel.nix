# SPDX-License-Identifier: GPL-2.0-or-later
# The newest kernel that ZFS has.
# kind: configuration
{ config, pkgs, ... }: {
  imports = [ ./hardware/scanned.nix ];
  boot.supportedFilesystems = { btrfs = true; zfs = true; };
  boot.zfs = { forceImportRoot = false; extraPools = [ "tank" ]; devNodes = "/dev/disk/by-id"; };
  boot.kernelPackages = config.boot.zfs.package.latestCompatibleLinuxPackages;
  networking.hostId = "b2d25606";
  services.zfs = { autoScrub.enable = true; trim.enable = true; };
  environment.etc."machine-id".source = "/state/etc/machine-id";
  fileSystems."/zp" = { device = "zpool/x"; fsType = "zfs"; options = [ "zfsutil" ]; };
}
