# SPDX-License-Identifier: GPL-2.0-or-later
# pkgs.formats: for each format of configuration files an option type of the values it can hold, and `generate NAME
# VALUE`, the file. All are written here, in the language; data-writers.nix has those that lib.generators has not.
{ lib, pkgs }:
let
  inherit (lib) generators types;
  inherit (import ./data-writers.nix { inherit lib; }) prettyJSON pythonValue toTOML toXML;

  atom = types.nullOr (types.oneOf [ types.bool types.int types.float types.str ])
    // { description = "INI atom (null, bool, int, float or string)"; };
  # What lists become: several lines of one key, or one value.
  iniValue = { listsAsDuplicateKeys, listToValue, atomsCoercedToLists }:
    let
      several = type: if atomsCoercedToLists then types.coercedTo atom lib.singleton type else types.either atom type;
    in
    if listsAsDuplicateKeys then several (types.listOf atom)
    else if listToValue != null then several (types.nonEmptyListOf atom)
    else atom;
  ini = make: generator:
    { listsAsDuplicateKeys ? false, listToValue ? null, atomsCoercedToLists ? null, ... }@args:
    assert lib.assertMsg (!listsAsDuplicateKeys || listToValue == null)
      "formats: listsAsDuplicateKeys and listToValue exclude each other";
    assert lib.assertMsg (atomsCoercedToLists == null || listsAsDuplicateKeys || listToValue != null)
      "formats: atomsCoercedToLists has no meaning without lists: listsAsDuplicateKeys or listToValue";
    let
      value = iniValue { inherit listsAsDuplicateKeys listToValue; atomsCoercedToLists = atomsCoercedToLists == true; };
      shape = make value;
      options = removeAttrs args [ "listToValue" "atomsCoercedToLists" ];
      flat = mapValues: if listToValue == null then lib.id else mapValues (v: if builtins.isList v then listToValue v else v);
    in
    {
      inherit (shape) type;
      generate = name: content: pkgs.writeText name (generator options (flat shape.map content));
      lib.types.atom = value;
    };
  keys = f: builtins.mapAttrs (_: f);
  sections = f: keys (keys f);

  data = description: write: {
    type = types.serializableValueWith { typeName = description; };
    generate = name: content: pkgs.writeText name (write content);
  };
  json = data "JSON" (content: prettyJSON content + "\n");

  lua = types.nullOr (types.oneOf [ types.bool types.int types.float types.str types.path types.luaInline (types.attrsOf lua) (types.listOf lua) ])
    // { description = "lua value"; };

  # Raw code among values.
  mkRaw = text: { _type = "raw"; inherit text; };
  raw = types.mkOptionType {
    name = "raw";
    description = "raw code";
    check = v: v._type or null == "raw";
    merge = lib.mergeEqualOption;
  };
  python = types.nullOr (types.oneOf [ types.bool types.int types.float types.str types.path raw (types.attrsOf python) (types.listOf python) ])
    // { description = "Python value"; };

  units = ini (value: { type = types.attrsOf (types.attrsOf value); map = sections; }) generators.toINI { listsAsDuplicateKeys = true; };

  escapeProperty = lib.escape [ "\\" "=" ":" "#" "!" " " ];
in
{
  json = _: json;
  # JSON is YAML.
  yaml = _: json // { type = types.serializableValueWith { typeName = "YAML"; }; };
  yaml_1_1 = _: json // { type = types.serializableValueWith { typeName = "YAML 1.1"; }; };
  yaml_1_2 = _: json // { type = types.serializableValueWith { typeName = "YAML 1.2"; }; };
  toml = _: data "TOML" toTOML // { type = types.toml; };
  xml = { format ? "badgerfish", withHeader ? true }:
    if format == "badgerfish" then data "XML" (toXML withHeader)
    else throw "formats.xml: the only format known is badgerfish, not '${format}'";
  plist = { escape ? true }: data "Property list" (generators.toPlist { inherit escape; });

  ini = ini (value: { type = types.attrsOf (types.attrsOf value); map = sections; }) generators.toINI;
  # Used as it is, and called with { }.
  systemd = units // { __functor = _: _: units; };
  iniWithGlobalSection = ini (value: {
    type = types.submodule {
      options.sections = lib.mkOption {
        type = types.attrsOf (types.attrsOf value);
        default = { };
        description = "The sections.";
      };
      options.globalSection = lib.mkOption {
        type = types.attrsOf value;
        default = { };
        description = "What stands before the first section.";
      };
    };
    map = f: content: {
      sections = sections f content.sections or { };
      globalSection = keys f content.globalSection or { };
    };
  }) generators.toINIWithGlobalSection;
  gitIni = ini (value: {
    type = types.attrsOf (types.attrsOf (types.either value (types.attrsOf value)));
    map = f: sections (v: if builtins.isAttrs v then keys f v else f v);
  }) (_: generators.toGitINI);
  keyValue = ini (value: { type = types.attrsOf value; map = keys; }) generators.toKeyValue;

  javaProperties = { comment ? "Generated with Nix" }: {
    type = types.attrsOf (types.coercedTo (types.oneOf [ types.bool types.int types.float ]) (generators.mkValueStringDefault { }) types.str)
      // { description = "attribute set of property values"; };
    generate = name: content:
      pkgs.writeText name (
        lib.concatMapStrings (line: "# ${line}\n") (lib.splitString "\n" comment)
        + lib.concatStrings (lib.mapAttrsToList (k: v: "${escapeProperty k} = ${builtins.replaceStrings [ "\\" "\n" ] [ "\\\\" "\\n" ] (generators.mkValueStringDefault { } v)}\n") content)
      );
  };
  lua = { asBindings ? false, multiline ? true, ... }: {
    type = if asBindings then types.attrsOf lua else lua;
    generate = name: content:
      let text = generators.toLua { inherit asBindings multiline; } content; in
      pkgs.writeText name (if asBindings then text else "return ${text}\n");
    lib.mkRaw = lib.mkLuaInline;
  };
  pythonVars = _: {
    type = types.attrsOf python;
    lib = { inherit mkRaw; };
    generate = name: content:
      pkgs.writeText name (
        lib.concatMapStrings (module: "import ${module}\n") content._imports or [ ]
        + lib.concatStrings (lib.mapAttrsToList (k: v: "${k} = ${pythonValue v}\n") (removeAttrs content [ "_imports" ]))
      );
  };
}
