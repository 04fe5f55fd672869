# SPDX-License-Identifier: GPL-2.0-or-later
# Types of values that hold no others: booleans, numbers, strings, paths, packages, and those that take anything.
{ lib }:

let
  inherit (builtins)
    isBool
    isFloat
    isInt
    isString
    match
    substring
    ;
  inherit (lib) mergeEqualOption mergeOneOption;
  make = import ./make.nix { inherit lib; };
  inherit (make) addCheck equalFunctor mkOptionType;

  equal =
    name: description: check:
    mkOptionType {
      inherit name description check;
      descriptionClass = "noun";
      merge = mergeEqualOption;
    };

  range = show: lo: hi: "between ${show lo} and ${show hi} (both inclusive)";
  inRange = lo: hi: x: lo <= x && x <= hi;

  # Machine integers: b bits from lo to hi.
  machine =
    kind: name: bits: lo: hi:
    addCheck int (inRange lo hi)
    // {
      name = "${name}${toString bits}";
      description = "${toString bits} bit ${kind} integer; ${range toString lo hi}";
    };
  int = equal "int" "signed integer" isInt;
  power = bits: if bits == 0 then 1 else 2 * power (bits - 1);
  unsigned = bits: machine "unsigned" "unsignedInt" bits 0 (power bits - 1);
  signed = bits: machine "signed" "signedInt" bits (-(power (bits - 1))) (power (bits - 1) - 1);

  inStorePattern = "${lib.escapeRegex builtins.storeDir}/[^.].*";
in
rec {
  # Anything.

  raw = mkOptionType {
    name = "raw";
    description = "raw value";
    descriptionClass = "noun";
    check = _: true;
    merge = mergeOneOption;
  };
  unspecified = mkOptionType {
    name = "unspecified";
    description = "unspecified value";
    descriptionClass = "noun";
  };
  attrs = mkOptionType {
    name = "attrs";
    description = "attribute set";
    descriptionClass = "noun";
    check = builtins.isAttrs;
    merge = _: builtins.foldl' (acc: def: acc // def.value) { };
    emptyValue.value = { };
  };

  # Booleans and numbers.

  bool = equal "bool" "boolean" isBool;
  boolByOr = mkOptionType {
    name = "boolByOr";
    description = "boolean (merged using or)";
    descriptionClass = "noun";
    check = isBool;
    merge = _: builtins.foldl' (acc: def: acc || def.value) false;
  };
  inherit int;
  ints = {
    between =
      lo: hi:
      assert lib.assertMsg (lo <= hi) "ints.between: lowest must be smaller than highest";
      addCheck int (inRange lo hi)
      // {
        name = "intBetween";
        description = "integer ${range toString lo hi}";
      };
    unsigned = addCheck int (x: x >= 0) // {
      name = "unsignedInt";
      description = "unsigned integer, meaning >=0";
      descriptionClass = "nonRestrictiveClause";
    };
    positive = addCheck int (x: x > 0) // {
      name = "positiveInt";
      description = "positive integer, meaning >0";
      descriptionClass = "nonRestrictiveClause";
    };
    u8 = unsigned 8;
    u16 = unsigned 16;
    u32 = unsigned 32;
    s8 = signed 8;
    s16 = signed 16;
    s32 = signed 32;
  };
  port = ints.u16;
  float = equal "float" "floating point number" isFloat;
  number = lib.types.either int float;
  numbers = {
    between =
      lo: hi:
      assert lib.assertMsg (lo <= hi) "numbers.between: lowest must be smaller than highest";
      addCheck number (inRange lo hi)
      // {
        name = "numberBetween";
        description = "integer or floating point number ${range builtins.toJSON lo hi}";
        descriptionClass = "nonRestrictiveClause";
      };
    nonnegative = addCheck number (x: x >= 0) // {
      name = "numberNonnegative";
      description = "nonnegative integer or floating point number, meaning >=0";
      descriptionClass = "nonRestrictiveClause";
    };
    positive = addCheck number (x: x > 0) // {
      name = "numberPositive";
      description = "positive integer or floating point number, meaning >0";
      descriptionClass = "nonRestrictiveClause";
    };
  };

  # Strings.

  str = equal "str" "string" isString;
  nonEmptyStr = equal "nonEmptyStr" "non-empty string" (x: isString x && match "[ \t\n]*" x == null);
  # One line break at the end is taken off.
  singleLineStr = mkOptionType {
    name = "singleLineStr";
    description = "(optionally newline-terminated) single-line string";
    descriptionClass = "noun";
    check = x: isString x && match "[^\n\r]*\n?" x != null;
    merge = loc: defs: lib.removeSuffix "\n" (mergeEqualOption loc defs);
  };
  strMatching =
    pattern:
    let
      name = "strMatching ${lib.strings.escapeNixString pattern}";
    in
    equal name "string matching the pattern ${pattern}" (x: isString x && match pattern x != null)
    // {
      functor = equalFunctor "strMatching" (p: strMatching p.pattern) { inherit pattern; };
      typeMerge = make.defaultTypeMerge (equalFunctor "strMatching" (p: strMatching p.pattern) { inherit pattern; });
    };
  separatedString =
    sep:
    mkOptionType {
      name = "separatedString";
      description = if sep == "" then "Concatenated string" else "strings concatenated with ${builtins.toJSON sep}";
      descriptionClass = "noun";
      check = isString;
      merge = _: defs: lib.concatMapStringsSep sep (def: def.value) defs;
      functor = equalFunctor "separatedString" (p: separatedString p.sep) { inherit sep; };
    };
  lines = separatedString "\n";
  # Of old: what is now `str`, or `separatedString ""` where definitions shall be joined.
  string = separatedString "" // {
    name = "string";
    deprecationMessage = "Use `types.str`, or `types.lines` and the like where several definitions are joined.";
  };
  commas = separatedString ",";
  envVar = separatedString ":";
  # What can stand between the colons of /etc/passwd.
  passwdEntry =
    type:
    addCheck type (x: match "[^:\n]*" x != null)
    // {
      name = "passwdEntry ${type.name}";
      description = "${make.phrase [ "noun" ] type}, not containing newlines or colons";
      descriptionClass = "nonRestrictiveClause";
    };
  luaInline = mkOptionType {
    name = "luaInline";
    description = "inline lua";
    descriptionClass = "noun";
    check = x: x._type or null == "lua-inline";
    merge = mergeEqualOption;
  };

  # Paths.

  path = pathWith { absolute = true; };
  pathInStore = pathWith { inStore = true; };
  externalPath = pathWith {
    absolute = true;
    inStore = false;
  };
  # null asks nothing.
  pathWith =
    {
      inStore ? null,
      absolute ? null,
    }:
    let
      word = if absolute == null then "path" else if absolute then "absolute path" else "relative path";
    in
    lib.throwIf (inStore == true && absolute == false) "In pathWith, inStore means the path must be absolute" mkOptionType {
      name = "path";
      description =
        word + lib.optionalString (inStore != null) (if inStore then " in the Nix store" else " not in the Nix store");
      descriptionClass = "noun";
      check =
        x:
        # What must not be in the store is no path of Nix, which would be copied to it.
        (if inStore == false then isString x else lib.isStringLike x)
        && (
          let
            text = toString x;
          in
          (absolute == null || absolute == (substring 0 1 text == "/"))
          && (inStore == null || inStore == (match inStorePattern text != null))
        );
      merge = mergeEqualOption;
      functor = equalFunctor "path" pathWith { inherit inStore absolute; };
    };
  fileset = mkOptionType {
    name = "fileset";
    description = "fileset";
    descriptionClass = "noun";
    check = lib.fileset.isFileset;
    merge = _: defs: lib.fileset.unions (map (def: def.value) defs);
    emptyValue.value = lib.fileset.empty;
  };

  # Packages.

  package = mkOptionType {
    name = "package";
    descriptionClass = "noun";
    check = x: lib.isDerivation x || lib.isStorePath x;
    merge =
      loc: defs:
      let
        value = mergeOneOption loc defs;
      in
      if builtins.isPath value || (isString value && !builtins.hasContext value) then lib.toDerivation value else value;
  };
  shellPackage = package // {
    check = x: lib.isDerivation x && x ? shellPath;
  };
  pkgs =
    addCheck (lib.types.unique { message = "A Nixpkgs pkgs set can not be merged with another pkgs set."; } attrs) (
      x: x._type or null == "pkgs"
    )
    // {
      name = "pkgs";
      description = "Nixpkgs package set";
      descriptionClass = "noun";
    };
}
