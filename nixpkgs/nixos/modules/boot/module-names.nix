# SPDX-License-Identifier: GPL-2.0-or-later
# The type of lists of kernel modules: [ "loop" ], or { loop = true; nbd = lib.mkForce false; } as newer configurations write
# it. The order of the lists stays.
{ lib }:
let
  inherit (lib) types;
  list = types.listOf types.str;
  switches = types.attrsOf types.bool;
  asSet = def: if builtins.isList def.value then def // { value = lib.genAttrs def.value (_: true); } else def;
  merge = loc: defs:
    let
      lists = builtins.filter (def: builtins.isList def.value) defs;
      ordered = list.merge loc lists;
      on = switches.merge loc (map asSet defs);
    in
    if lib.length lists == lib.length defs then ordered
    else builtins.filter (name: on.${name}) (lib.unique (ordered ++ builtins.attrNames on));
in
list // {
  name = "moduleNames";
  description = "list of string, or attribute set of boolean";
  advice = value: if builtins.isString value then "A list is wanted: write [ ... ] around it." else null;
  check = value: builtins.isList value || builtins.isAttrs value;
  inherit merge;
}
