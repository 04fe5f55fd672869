# SPDX-License-Identifier: GPL-2.0-or-later
# The table of options that ask for something of the kernel, one by one: each row has the effect that it names, or a warning with the option's name says why not.
{ pkgs, lib, nixpkgs }:
let
  table = builtins.fromJSON (builtins.readFile (nixpkgs + "/nixos/modules/misc/kernel-part.json"));
  of = module: (import "${toString nixpkgs}/nixos/lib/eval-config.nix" {
    system = "x86_64-linux";
    modules = [ { boot.kernelPackages = pkgs.linuxPackages_debian; nixpkgs.pkgs = pkgs; } module ];
  }).config;
  has = needles: list: lib.subtractLists list needles == [ ];
  shown = sample: builtins.replaceStrings [ "@value@" ] [ sample ];

  holds = option: value: row:
    let
      c = of (lib.setAttrByPath (lib.splitString "." option) value);
      told = text: lib.any (warning: lib.hasPrefix "${option}: " warning && lib.hasInfix text warning) c.warnings;
      filled = part: map (shown "sample") (row.${part} or [ ]);
      modules = map (package: package.name) c.boot.extraModulePackages;
      built = name: told "module ${name} is not in this package set" || lib.elem c.boot.kernelPackages.${name}.name modules;
      present = name: told "firmware (${name})" || lib.any (package: lib.getName package == name || lib.hasInfix name package.name) c.hardware.firmware;
      space = lib.concatStringsSep "." (lib.take 2 (lib.splitString "." option));
      general = lib.findFirst (lib.hasInfix "have no effect: ") "" c.warnings;
      named = lib.any (warning: lib.hasInfix "only what concerns the kernel" warning && lib.hasInfix option warning) c.warnings;
    in
    has (filled "modules") c.boot.kernelModules
    && has (filled "initrd") c.boot.initrd.kernelModules
    && has (filled "available") c.boot.initrd.availableKernelModules
    && has (filled "params" ++ lib.optional (row ? joined) (shown "sample" row.joined.params)) c.boot.kernelParams
    && has (filled "blacklist") c.boot.blacklistedKernelModules
    && has (row.config or [ ]) (map (demand: lib.removePrefix "CONFIG_" (lib.head (lib.splitString "=" demand.configLine))) c.system.requiredKernelConfig)
    && lib.all (name: c.boot.kernel.sysctl ? ${name}) (builtins.attrNames (row.sysctl or { }))
    && lib.all (name: lib.hasAttrByPath (lib.splitString "." name) c.boot.kernel.sysfs) (builtins.attrNames (row.sysfs or { }))
    && lib.hasInfix (row.modprobe or "") c.boot.extraModprobeConfig
    && lib.all built (row.packages or [ ])
    && lib.all present (row.firmware or [ ])
    && (!(row ? say) || told row.say)
    # What is left to the distribution is said, what is done is not called without effect.
    && (if row.whole or false then !lib.hasInfix "${space}," "${general}," else named || !lib.any (part: row ? ${part}) [ "modules" "initrd" "available" "params" "blacklist" "packages" "packagesBefore" "firmware" "sysctl" "sysfs" "config" "modprobe" ])
    && (lib.length (lib.splitString "." option) != 3 || !lib.hasInfix "${space}," "${general},");

  samples = option: row:
    if row ? each then lib.all (name: holds option ({ true = true; false = false; }.${name} or name) (removeAttrs row [ "each" ] // row.each.${name})) (builtins.attrNames row.each)
    else holds option (if lib.hasInfix "@value@" (builtins.toJSON row) then [ "sample" ] else true) row;
  off = option: row: row ? each || (of (lib.setAttrByPath (lib.splitString "." option) false)).kernix.kernelPart == [ ];
in
lib.listToAttrs (lib.concatLists (lib.concatMap
  (space: lib.mapAttrsToList
    (second: rows: lib.mapAttrsToList
      (rest: row: let option = lib.concatStringsSep "." ([ space second ] ++ lib.optional (rest != "") rest); in lib.nameValuePair option (samples option row && off option row))
      rows)
    table.${space})
  (builtins.attrNames table)))
