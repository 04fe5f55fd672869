# SPDX-License-Identifier: GPL-2.0-or-later
# ZFS is no part of Linux: who asks for it (boot.supportedFilesystems, fileSystems, boot.zfs.extraPools) gets its module, built for the
# system's kernel. Pools are imported by the distribution; stage 1 does not (boot/unreachable-root.nix says so of a root on ZFS).
{ config, lib, ... }:
let
  zfs = config.boot.zfs or { };
  attribute = (zfs.package or { }).kernelModuleAttribute or "zfs";
  wanted = config.boot.supportedFilesystems.zfs or false
    || config.boot.initrd.supportedFilesystems ? zfs
    || lib.any (fs: fs.fsType == "zfs") (builtins.attrValues config.fileSystems)
    || (zfs.extraPools or [ ]) != [ ];
in
{
  config = lib.mkIf wanted {
    boot.extraModulePackages = [ config.boot.kernelPackages.${attribute} ];
    boot.kernelModules = [ "zfs" ];
  };
}
