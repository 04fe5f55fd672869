# SPDX-License-Identifier: GPL-2.0-or-later
# pkgs.formats: option types for settings and generators of the files that they become.
{ lib, pkgs }:
let
  inherit (lib) types;
  value = types.nullOr (types.oneOf [ types.bool types.int types.float types.str types.path (types.attrsOf value) (types.listOf value) ])
    // { description = "JSON value"; };
  atom = types.nullOr (types.oneOf [ types.bool types.int types.float types.str ]);
in
{
  json = _: {
    type = value;
    generate = name: content: pkgs.writeText name (builtins.toJSON content + "\n");
  };
  # JSON is YAML.
  yaml = _: {
    type = value;
    generate = name: content: pkgs.writeText name (builtins.toJSON content + "\n");
  };
  ini = _: {
    type = types.attrsOf (types.attrsOf atom);
    generate = name: content: pkgs.writeText name (lib.generators.toINI { } content);
  };
  keyValue = _: {
    type = types.attrsOf atom;
    generate = name: content: pkgs.writeText name (lib.generators.toKeyValue { } content);
  };
}
