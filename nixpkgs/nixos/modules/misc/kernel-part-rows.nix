# SPDX-License-Identifier: GPL-2.0-or-later
# What the kernel's part of options that are left to the distribution comes to (kernel-part.nix): { rows; modules; params; ... }.
#
# A row of kernel-part.json: modules, initrd (always loaded by stage 1), available (when their hardware is found), params, packages (of the kernel's set),
# packagesBefore (by kernel version), firmware, blacklist, modprobe, sysctl, sysfs, config (what the kernel must have), say (a warning),
# whole (nothing of the option is left to the distribution), each (rows by value), joined (one text of a list). @value@ is the option's value, or each of a list.
{ config, lib, pkgs }:
let
  inherit (builtins) attrNames concatMap elem filter head isAttrs isBool isInt isList isString;
  table = builtins.fromJSON (builtins.readFile ./kernel-part.json);
  attempt = import ../../lib/attempt.nix;
  sets = import ./kernel-part-sets.nix { inherit config lib; };
  packages = config.boot.kernelPackages;

  absent = { absent = true; };
  valueAt = path: lib.attrByPath path absent config;
  # What is wrong with a value is said where it is used; a missing package is no value.
  usable = path: let value = valueAt path; tried = attempt (if isAttrs value && value ? absent then null else value); in if tried.success then tried.value else null;
  isSet = value: !(value == null || value == false || value == [ ] || value == "" || isAttrs value && attrNames value == [ ]);

  hasEffect = row: lib.any (name: !elem name [ "option" "whole" "covers" ] && isSet row.${name}) (attrNames row);

  word = value: if isBool value then lib.boolToString value else if isInt value || isString value then toString value else "";
  texts = value: if isList value then map word (filter (item: isString item || isInt item) value) else [ (word value) ];
  fill = value: list: concatMap (text: if lib.hasInfix "@value@" text then map (each: builtins.replaceStrings [ "@value@" ] [ each ] text) (texts value) else [ text ]) list;
  filled = option: value: row:
    row // { inherit option; }
    // lib.genAttrs (filter (part: row ? ${part}) [ "modules" "initrd" "available" "params" "blacklist" ]) (part: fill value row.${part})
    // lib.optionalAttrs (row ? sysfs) { sysfs = builtins.mapAttrs (_: text: if text == "@value@" then word value else text) row.sysfs; }
    // builtins.mapAttrs (_: text: [ (builtins.replaceStrings [ "@value@" ] [ (lib.concatStringsSep "," (texts value)) ] text) ]) (row.joined or { });

  # The rows of an option that is set, none of one that is not.
  rowsOf = option: path: row:
    let value = usable path;
    in
    if row ? each then (let named = row.each.${word value} or null; in if value == null || named == null then [ ] else [ (filled option value (removeAttrs row [ "each" ] // named)) ])
    else if isSet value then [ (filled option value row) ]
    else [ ];
  rowsOfSet = option: path: make:
    let value = usable path;
    in lib.optionals (isSet value) (filter hasEffect [ (make value // { inherit option; }) ]);
  below = apply: space: name: rows: concatMap
    (rest: apply (lib.concatStringsSep "." ([ space name ] ++ lib.optional (rest != "") rest)) ([ space name ] ++ lib.optionals (rest != "") (lib.splitString "." rest)) rows.${rest})
    (attrNames rows);
  # Both by the first two parts of what is mentioned; in a space that is none of ours that may be any name.
  mentioned = concatMap (path: if lib.length path > 1 then [ (lib.take 2 path) ] else map (name: path ++ [ name ]) (attrNames (table.${head path} or { }))) config._module.undeclared;
  rows = concatMap
    (names:
      let space = head names; name = lib.elemAt names 1;
      in below rowsOf space name (table.${space}.${name} or { }) ++ below rowsOfSet space name (sets.${space}.${name} or { }))
    (lib.unique mentioned);

  all = part: concatMap (row: row.${part} or [ ]) rows;
  wanted = row: row.packages or [ ] ++ concatMap (version: lib.optionals (lib.versionOlder packages.kernel.version version) row.packagesBefore.${version}) (attrNames (row.packagesBefore or { }));
  hasPackage = name: packages ? ${name};
  firmwareOf = name: let tried = attempt (let package = pkgs.${name} or null; in if lib.isDerivation package then package else null); in if tried.success then tried.value else null;
  missing = row:
    map (name: "the kernel module ${name} is not in this package set, so it is not built. Take its source with boot.extraModulePackages = [ (config.boot.kernelPackages.callPackage ./${name}.nix { }) ]; (the wiki page on the Linux kernel shows such a file), or install the distribution's package of it")
      (filter (name: !hasPackage name) (wanted row))
    ++ map (name: "its firmware (${name}) is not in this package set: install it with the distribution's package manager, or add a package with lib/firmware to hardware.firmware")
      (filter (name: firmwareOf name == null) (row.firmware or [ ]))
    ++ lib.optional (row ? say) row.say;
  ofSysfs = row: lib.foldl' lib.recursiveUpdate { } (lib.mapAttrsToList (name: lib.setAttrByPath (lib.splitString "." name)) (row.sysfs or { }));
  # Weaker than what a configuration says.
  wish = builtins.mapAttrs (_: lib.mkOverride 999);
in
{
  inherit rows;
  modules = lib.unique (all "modules");
  initrd = lib.unique (all "initrd");
  available = lib.unique (all "available");
  params = all "params";
  blacklist = lib.unique (all "blacklist");
  modprobe = lib.concatMapStrings (row: lib.optionalString (row ? modprobe) (row.modprobe + "\n")) rows;
  modulePackages = map (name: packages.${name}) (lib.unique (filter hasPackage (concatMap wanted rows))) ++ all "modulePackages";
  sysctl = lib.mkMerge (map (row: wish (row.sysctl or { })) rows);
  sysfs = lib.mkMerge (map ofSysfs rows);
  firmware = filter (package: package != null) (map firmwareOf (lib.unique (all "firmware"))) ++ all "firmwarePackages";
  demands = map config.lib.kernelConfig.isEnabled (lib.unique (all "config"));
  askedBy = lib.listToAttrs (concatMap (row: map (name: lib.nameValuePair name row.option) (row.initrd or [ ] ++ row.available or [ ])) rows);
  warnings = concatMap (row: map (text: "${row.option}: ${text}.") (missing row)) rows;
}
