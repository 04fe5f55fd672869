# SPDX-License-Identifier: GPL-2.0-or-later
# A server with pools and containers.
# kind: configuration
{ config, pkgs, lib, ... }: { boot.supportedFilesystems = [ "zfs" ]; boot.zfs.forceImportRoot = false; networking.hostId = "8425e349"; boot.kernelPackages = config.boot.zfs.package.latestCompatibleLinuxPackages; services.zfs.autoScrub.enable = true; boot.zfs.extraPools = [ "tank" ]; services.zfs.trim.enable = true; virtualisation.docker = { enable = true; storageDriver = "zfs"; }; }
