# SPDX-License-Identifier: GPL-2.0-or-later
# Configuration file formats from Nix values: key=value lines, INI, Git's and dconf's INI, JSON and YAML. pretty.nix
# prints values as the Nix language does; markup.nix has plist, Dhall and Lua.
{ lib }:

let
  inherit (builtins)
    concatStringsSep
    isAttrs
    isBool
    isFloat
    isFunction
    isInt
    isList
    isString
    ;
in
rec {
  mkValueStringDefault =
    { }:
    value:
    let
      unsupported = what: abort "generators.mkValueStringDefault: ${what} not supported: ${toPretty { } value}";
    in
    if isString value then
      value
    else if isBool value then
      lib.boolToString value
    else if isInt value || lib.isDerivation value then
      toString value
    else if value == null then
      "null"
    else if isFloat value then
      lib.strings.floatToString value
    else if isList value then
      unsupported "lists are"
    else if isAttrs value then
      unsupported "attrsets are"
    else if isFunction value then
      unsupported "functions are"
    else
      unsupported "this value is";

  mkKeyValueDefault =
    {
      mkValueString ? mkValueStringDefault { },
    }:
    sep: key: value:
    "${lib.escape [ sep ] key}${sep}${mkValueString value}";

  toKeyValue =
    {
      mkKeyValue ? mkKeyValueDefault { } "=",
      listsAsDuplicateKeys ? false,
      indent ? "",
    }:
    let
      line = key: value: "${indent}${mkKeyValue key value}\n";
      lines =
        key: value: if listsAsDuplicateKeys then lib.concatMapStrings (line key) (lib.toList value) else line key value;
    in
    set: lib.concatStrings (lib.mapAttrsToList lines set);

  toINI =
    {
      mkSectionName ? lib.escape [
        "["
        "]"
      ],
      mkKeyValue ? mkKeyValueDefault { } "=",
      listsAsDuplicateKeys ? false,
    }:
    let
      body = toKeyValue { inherit mkKeyValue listsAsDuplicateKeys; };
    in
    lib.concatMapAttrsStringSep "\n" (name: values: "[${mkSectionName name}]\n${body values}");

  toINIWithGlobalSection =
    {
      mkSectionName ? lib.escape [
        "["
        "]"
      ],
      mkKeyValue ? mkKeyValueDefault { } "=",
      listsAsDuplicateKeys ? false,
    }@options:
    {
      globalSection,
      sections ? { },
    }:
    lib.optionalString (globalSection != { }) (
      toKeyValue { inherit mkKeyValue listsAsDuplicateKeys; } globalSection + "\n"
    )
    + toINI options sections;

  # All but the last name on the way to a value make the section; those after the first are its quoted subsection.
  toGitINI =
    let
      quoted =
        builtins.replaceStrings
          [
            "\n"
            "\t"
            "\""
            "\\"
          ]
          [
            "\\n"
            "\\t"
            "\\\""
            "\\\\"
          ];
      mkValueString = v: mkValueStringDefault { } (if isString v then "\"${quoted v}\"" else v);
      mkSectionName =
        name:
        let
          parts = lib.splitString "." name;
        in
        if builtins.length parts == 1 || lib.hasInfix "\"" name then
          name
        else
          "${builtins.head parts} \"${concatStringsSep "." (builtins.tail parts)}\"";
      leaves =
        path: value:
        if isAttrs value && !lib.isDerivation value then
          lib.concatLists (lib.mapAttrsToList (name: leaves (path ++ [ name ])) value)
        else if builtins.length path < 2 then
          [ { ${lib.last path} = value; } ]
        else
          [ { ${concatStringsSep "." (lib.init path)}.${lib.last path} = value; } ];
    in
    set:
    toINI {
      inherit mkSectionName;
      mkKeyValue = key: value: "\t" + mkKeyValueDefault { inherit mkValueString; } " = " key value;
      listsAsDuplicateKeys = true;
    } (builtins.foldl' lib.recursiveUpdate { } (leaves [ ] set));

  mkDconfKeyValue = mkKeyValueDefault { mkValueString = v: toString (lib.gvariant.mkValue v); } "=";
  toDconfINI = toINI { mkKeyValue = mkDconfKeyValue; };

  toJSON = { }: builtins.toJSON;
  # JSON is YAML.
  toYAML = toJSON;

  inherit (import ./pretty.nix { inherit lib; }) toPretty withRecursion;
  inherit (import ./markup.nix { inherit lib; })
    mkLuaInline
    toDhall
    toLua
    toPlist
    ;
}
