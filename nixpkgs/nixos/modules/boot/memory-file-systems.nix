# SPDX-License-Identifier: GPL-2.0-or-later
# /tmp, and the sizes of /run, /dev and /dev/shm. Stage 2 does it before the distribution's init starts, which leaves alone what is mounted. Where
# a size is not set the distribution's own stays.
{ config, options, lib, ... }:
let
  inherit (lib) mkOption types;
  inherit (config.boot) tmp;
  size = default: where: mkOption { type = types.str; inherit default; example = "256m"; description = "Largest size of ${where}: a percentage of the memory, or bytes with k, m or g."; };
  sizes = { devSize = "/dev"; devShmSize = "/dev/shm"; runSize = "/run"; };
  isSet = name: options.boot.${name}.highestPrio < (lib.mkOptionDefault null).priority;
  named = lib.filterAttrs (name: _: isSet name) sizes;
  good = text: builtins.match "[0-9]+[kKmMgG%]?" (toString text) != null;
  bad = name: value: { assertion = good value; message = "boot.${name}: '${toString value}' is no size of a file system in memory: a number of bytes with k, m or g, or a percentage of the memory such as \"25%\"."; };
in
{
  options.boot = {
    devSize = size "5%" "/dev";
    devShmSize = size "50%" "/dev/shm";
    runSize = size "25%" "/run";
    tmp.cleanOnBoot = mkOption { type = types.bool; default = false; description = "Whether /tmp is emptied at boot."; };
    tmp.tmpfsSize = mkOption { type = types.either types.str types.ints.positive; default = "50%"; description = "Size of /tmp."; };
    tmp.tmpfsHugeMemoryPages = mkOption { type = types.enum [ "never" "always" "within_size" "advise" ]; default = "never"; description = "When /tmp uses huge pages."; };
    tmp.useTmpfs = mkOption { type = types.bool; default = false; description = "Whether /tmp is a tmpfs."; };
  };
  config.assertions = lib.mapAttrsToList (name: _: bad name config.boot.${name}) named ++ lib.optional tmp.useTmpfs (bad "tmp.tmpfsSize" tmp.tmpfsSize);
  config.boot.postBootCommands = lib.mkMerge (
    lib.mapAttrsToList (name: where: let limit = config.boot.${name}; in ''
      if mounted ${where}; then mount -o remount,size=${limit} ${where}; else mkdir -p ${where} && mount -t tmpfs -o mode=1777,nosuid,nodev,size=${limit} tmpfs ${where}; fi || say "boot.${name}: cannot limit ${where} to ${limit}"
    '') named
    ++ [
      # What is mounted below it is not its content. Busybox has no -delete.
      (lib.mkIf tmp.cleanOnBoot ''
        find /tmp -xdev -mindepth 1 ! -type d -exec rm -f {} +
        find /tmp -xdev -depth -mindepth 1 -type d -exec rmdir {} + 2>/dev/null
      '')
      (lib.mkIf tmp.useTmpfs
        "mounted /tmp || mount -t tmpfs -o mode=1777,nosuid,nodev,size=${toString tmp.tmpfsSize}${lib.optionalString (tmp.tmpfsHugeMemoryPages != "never") ",huge=${tmp.tmpfsHugeMemoryPages}"} tmpfs /tmp")
    ]
  );
}
