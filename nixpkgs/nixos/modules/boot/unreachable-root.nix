# SPDX-License-Identifier: GPL-2.0-or-later
# Warnings about file systems that stage 1 cannot reach: on encrypted devices, LVM, RAID, ZFS. Each says which mount point,
# why, and what to do. hasLuks: whether the configuration says anything of boot.initrd.luks.
{ config, lib, bootMounts, hasLuks }:
let
  devices = (config.boot.initrd.luks or { }).devices or { };
  names = if builtins.isAttrs devices then builtins.attrNames devices else map (device: device.name or "?") devices;
  encrypted = if hasLuks then names else [ ];

  deviceOf = fs: if fs.device == null then "" else fs.device;
  volume = builtins.match "/dev/(mapper|disk|block|md|input|char|fd|[^/]+)/(.+)";
  kindOf = fs:
    let
      device = deviceOf fs;
      parts = volume device;
      first = if parts == null then "" else builtins.head parts;
      second = if parts == null then "" else lib.last parts;
    in
    if builtins.elem fs.fsType [ "zfs" ] then "a ZFS pool, which stage 1 does not import"
    else if first == "mapper" && (builtins.elem second names || lib.hasInfix "crypt" second || lib.hasPrefix "luks-" second) then "an encrypted device, which stage 1 does not unlock"
    else if lib.hasPrefix "/dev/md" device then "a RAID array, which stage 1 does not assemble"
    else if first == "mapper" || lib.hasPrefix "/dev/dm-" device || first != "" && !builtins.elem first [ "disk" "block" ] then "a logical volume, which stage 1 does not activate"
    else null;
  unreachable = builtins.filter (row: row.kind != null) (map (fs: { inherit (fs) mountPoint; device = deviceOf fs; kind = kindOf fs; }) bootMounts);

  needed = if bootMounts == [ ] then "/" else lib.concatMapStringsSep ", " (fs: fs.mountPoint) bootMounts;
  advice = "Keep starting the distribution's own kernel on this machine, and try this one with `kernix vm`; or move the file system to a plain partition, and name that in fileSystems";
in
map (row: "fileSystems.\"${row.mountPoint}\" is on ${row.device}, ${row.kind}: this generation cannot be started from it. ${advice}.") unreachable
++ lib.optional (encrypted != [ ] && !lib.any (row: lib.hasInfix "encrypted" row.kind) unreachable)
  "boot.initrd.luks.devices has no effect (${lib.concatStringsSep ", " encrypted}): stage 1 does not unlock encrypted devices. If what is needed for boot (${needed}) is on none of them, there is nothing to do: the distribution unlocks them (/etc/crypttab). If it is, this generation cannot be started. ${advice}."
