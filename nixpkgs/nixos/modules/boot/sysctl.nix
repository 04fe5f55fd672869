# SPDX-License-Identifier: GPL-2.0-or-later
# boot.kernel.sysctl: run-time parameters of the kernel, written to sysctl.d/60-nixos.conf.
{ config, lib, ... }:
let
  inherit (lib) types;
  value = types.nullOr (types.oneOf [ types.bool types.str types.int ])
    // { description = "null or boolean or string or signed integer: a value for sysctl"; };
  # Several definitions of the largest allowed sizes do not conflict: the largest wins.
  highest = lib.mkOptionType {
    name = "sysctl-highest";
    description = "signed integer; the highest of several definitions";
    check = v: v == null || builtins.isInt v || builtins.isString v;
    merge = _: defs: builtins.foldl' (best: def: if best == null || (builtins.isInt def.value && builtins.isInt best && def.value > best) then def.value else best) null defs;
  };
  line = name: value: lib.optionalString (value != null) "${name}=${if value == false then "0" else toString value}\n";
in
{
  options.boot.kernel.sysctl = lib.mkOption {
    type = types.submodule {
      freeformType = types.attrsOf value;
      options."net.core.rmem_max" = lib.mkOption { type = highest; default = null; description = "Largest receive buffer of a socket, in bytes."; };
      options."net.core.wmem_max" = lib.mkOption { type = highest; default = null; description = "Largest send buffer of a socket, in bytes."; };
      options."vm.max_map_count" = lib.mkOption { type = highest; default = null; description = "Largest number of memory mappings of a process."; };
    };
    default = { };
    example = lib.literalExpression ''{ "net.ipv4.tcp_syncookies" = false; "vm.swappiness" = 60; }'';
    description = "Parameters of the kernel, set early in stage 2. null takes one out.";
  };

  config.environment.etc."sysctl.d/60-nixos.conf".text =
    lib.concatStrings (lib.mapAttrsToList line config.boot.kernel.sysctl);
}
