# SPDX-License-Identifier: GPL-2.0-or-later
# The type of lists of kernel modules: [ "loop" ], or { loop = true; } as newer configurations write it.
{ lib }:
let inherit (lib) types;
in
types.coercedTo (types.attrsOf types.bool) (names: builtins.filter (name: names.${name}) (builtins.attrNames names))
  (types.listOf types.str)
