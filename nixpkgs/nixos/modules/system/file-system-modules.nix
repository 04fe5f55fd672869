# SPDX-License-Identifier: GPL-2.0-or-later
# File systems that are no part of Linux, or not of every one: who asks for ZFS or APFS (boot.supportedFilesystems, fileSystems, boot.zfs.extraPools)
# gets the module, built for the system's kernel; of bcachefs it is said where the kernel does not have it. Pools are imported by the distribution;
# stage 1 does not (boot/unreachable-root.nix says so of a root on ZFS).
{ config, lib, ... }:
let
  inherit (config.boot) kernelPackages;
  inherit (kernelPackages) kernel;
  zfs = config.boot.zfs or { };
  attribute = (zfs.package or { }).kernelModuleAttribute or "zfs";
  mounted = type: builtins.filter (fs: fs.fsType == type) (builtins.attrValues config.fileSystems);
  asked = type: config.boot.supportedFilesystems.${type} or false || config.boot.initrd.supportedFilesystems ? ${type} || mounted type != [ ];
  wanted = asked "zfs" || (zfs.extraPools or [ ]) != [ ];
  inherit (config.networking) hostId;

  # bcachefs was part of Linux from 6.7 to 6.17; later its module is one of bcachefs-tools.
  hasModule = name: lib.any (package: lib.hasInfix name package.name) config.boot.extraModulePackages;
  within = lib.versionAtLeast kernel.version "6.7" && lib.versionOlder kernel.version "6.18";
  asksFor = name: lib.any (request: request.name == name && request.value != "n") (kernel.requests or [ ]);
  lacks = !within && !asksFor "BCACHEFS_FS" && !hasModule "bcachefs";
  places = map (fs: "fileSystems.\"${fs.mountPoint}\"") (mounted "bcachefs");
  apfs = asked "apfs";
  bcachefs = asked "bcachefs";
in
{
  config = lib.mkIf (config.boot.kernel.enable && (wanted || apfs || bcachefs || hostId != null)) {
    boot.extraModulePackages = lib.optional wanted kernelPackages.${attribute} ++ lib.optional apfs kernelPackages.apfs;
    boot.kernelModules = lib.optional wanted "zfs";
    # A pool may not survive that its machine sleeps with it imported.
    boot.kernelParams = lib.optional (wanted && !(zfs.allowHibernation or false)) "nohibernate";
    boot.extraModprobeConfig = lib.mkIf (wanted && hostId != null) "options spl spl_hostid=0x${hostId}";
    system.requiredKernelConfig = lib.optional (bcachefs && !lacks && !hasModule "bcachefs") (config.lib.kernelConfig.isEnabled "BCACHEFS_FS");
    kernix.leftOut = lib.optional (hostId != null && !wanted) "networking.hostId";
    warnings = lib.optional (bcachefs && lacks)
      "${if places == [ ] then "boot.supportedFilesystems" else lib.concatStringsSep ", " places}: bcachefs is not part of Linux ${kernel.version} (it was from 6.7 to 6.17), so it cannot be mounted${lib.optionalString (places != [ ]) ", and a system with its root on it does not start"}. Take a kernel that has it, such as pkgs.linuxPackages_6_12, or add its module to boot.extraModulePackages.";
  };
}
