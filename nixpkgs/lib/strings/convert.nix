# SPDX-License-Identifier: GPL-2.0-or-later
# Strings from and to other things: numbers, package names and versions, build system flags, file name parts.
{ lib }:

let
  inherit (builtins)
    compareVersions
    fromJSON
    head
    isBool
    isInt
    isString
    match
    parseDrvName
    stringLength
    substring
    typeOf
    ;

  # A number between blanks; the group is the number.
  readInt =
    who: pattern: hint: s:
    let
      found = match "[[:space:]]*(${pattern})[[:space:]]*" s;
    in
    if found == null then
      throw "${who}: Could not convert ${lib.strings.escapeNixString s} to int.${hint}"
    else
      head found;

  flag =
    what: yes: no: cond: name:
    lib.throwIfNot (isBool cond) "${what}: the condition is a ${typeOf cond}, not a bool" (
      lib.throwIfNot (isString name) "${what}: the feature is a ${typeOf name}, not a string" (
        if cond then "--${yes}-${name}" else "--${no}-${name}"
      )
    );
  flagAs =
    plain: cond: name: value:
    plain cond name + lib.optionalString cond "=${value}";

  checked =
    who: test: what: value:
    lib.throwIfNot (test value) "${who}: expected ${what}, but got: ${lib.generators.toPretty { } value}" value;
in
rec {
  # Numbers.

  toInt = s: fromJSON (readInt "toInt" "-?(0|[1-9][0-9]*)" " (With leading zeros it could be octal: see toIntBase10.)" s);
  toIntBase10 =
    s:
    let
      digits = readInt "toIntBase10" "-[1-9][0-9]*|0*([0-9]+)" "" s;
      bare = match "0*(0|[1-9][0-9]*)" digits;
    in
    fromJSON (if bare == null then digits else head bare);
  fixedWidthString =
    width: filler: s:
    let
      missing = width - stringLength s;
    in
    if missing < 0 then
      throw "fixedWidthString: requested string length (${toString width}) is smaller than that of ${lib.strings.escapeNixString s}"
    else
      # A filler of several characters may stand out beyond the width, as it always did.
      lib.strings.replicate (if filler == "" then 0 else (missing + stringLength filler - 1) / stringLength filler) filler
      + s;
  fixedWidthNumber = width: n: fixedWidthString width "0" (toString n);
  floatToString =
    n:
    let
      exact = toString n;
      short = builtins.toJSON n;
    in
    lib.warnIf (!isInt n && fromJSON exact != n) "Imprecise conversion from float to string ${exact} (${short})" exact;

  # Packages.

  getName =
    x: if isString x then (parseDrvName x).name else x.pname or (parseDrvName x.name).name;
  getVersion =
    x: if isString x then (parseDrvName x).version else x.version or (parseDrvName x.name).version;
  versionOlder = v: limit: compareVersions v limit < 0;
  versionAtLeast = v: limit: !versionOlder v limit;
  nameFromURL =
    url: sep:
    let
      file = lib.last (lib.splitString "/" url);
      name = head (lib.splitString sep file);
    in
    lib.throwIf (name == file && !lib.hasInfix sep file) "nameFromURL: no '${sep}' in ${url}" name;
  sanitizeDerivationName =
    let
      allowed = "[[:alnum:]+._?=-]";
    in
    s:
    let
      text = builtins.unsafeDiscardStringContext s;
      start = head (match "\\.*(.*)" text);
      clean = lib.concatMapStrings (p: if builtins.isList p then "-" else p) (
        builtins.split "[^[:alnum:]+._?=-]+" start
      );
      size = stringLength clean;
    in
    if stringLength text <= 207 && match "${allowed}+" text != null && substring 0 1 text != "." then
      text
    else if size == 0 then
      "unknown"
    else
      substring (lib.max 0 (size - 207)) (-1) clean;

  # Flags of build systems.

  enableFeature = flag "enableFeature" "enable" "disable";
  withFeature = flag "withFeature" "with" "without";
  enableFeatureAs = flagAs enableFeature;
  withFeatureAs = flagAs withFeature;

  cmakeOptionType =
    let
      types = [
        "BOOL"
        "FILEPATH"
        "PATH"
        "STRING"
        "INTERNAL"
        "LIST"
      ];
    in
    type: name: value:
    lib.throwIfNot (builtins.elem (lib.toUpper type) types) "cmakeOptionType: ${type} is not one of ${toString types}" (
      lib.throwIfNot (isString name && isString value) "cmakeOptionType: ${toString name} and its value must be strings" (
        "-D${name}:${lib.toUpper type}=${value}"
      )
    );
  cmakeBool = name: cond: cmakeOptionType "bool" name (lib.toUpper (lib.boolToString (checked "cmakeBool" isBool "a bool" cond)));
  cmakeFeature = name: value: cmakeOptionType "string" name (checked "cmakeFeature" isString "a string" value);

  mesonOption = name: value: "-D${checked "mesonOption" isString "a string" name}=${checked "mesonOption" isString "a string" value}";
  mesonBool = name: cond: mesonOption name (lib.boolToString (checked "mesonBool" isBool "a bool" cond));
  mesonEnable = name: cond: mesonOption name (if checked "mesonEnable" isBool "a bool" cond then "enabled" else "disabled");
}
