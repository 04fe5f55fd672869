# SPDX-License-Identifier: GPL-2.0-or-later
# Values in GVariant's text format, as dconf reads them: strings can be interpolated, each carries its type.
{ lib }:

let
  inherit (builtins) isBool isFloat isList isString;

  primitive = type: value: {
    _type = "gvariant";
    inherit type value;
    __toString = self: "@${self.type} ${toString self.value}";
  };
  # Values whose type the reader finds out alone.
  plain = type: value: primitive type value // { __toString = self: toString self.value; };

  type = {
    string = "s";
    boolean = "b";
    uchar = "y";
    int16 = "n";
    uint16 = "q";
    int32 = "i";
    uint32 = "u";
    int64 = "x";
    uint64 = "t";
    double = "d";
    variant = "v";
    objectpath = "o";
    arrayOf = t: "a${t}";
    maybeOf = t: "m${t}";
    tupleOf = ts: "(${lib.concatStrings ts})";
    dictionaryEntryOf = key: value: "{${key}${value}}";
  };

  integer = name: min: max: {
    inherit name min max;
    type = type.${lib.toLower (lib.removePrefix "mk" name)};
  };

  sameType =
    types:
    lib.throwIfNot (lib.all (t: t == builtins.head types) types) "Elements in a list should have same type, but are: ${
      toString types
    }" (builtins.head types);
in
rec {
  inherit type;

  intConstructors = [
    (integer "mkUchar" 0 255)
    (integer "mkInt16" (-32768) 32767)
    (integer "mkUint16" 0 65535)
    (integer "mkInt32" (-2147483648) 2147483647)
    (integer "mkUint32" 0 4294967295)
    (integer "mkInt64" (-9223372036854775807) 9223372036854775807)
    (integer "mkUint64" 0 9223372036854775807)
  ];

  isGVariant = v: v._type or "" == "gvariant";

  mkValue =
    v:
    if isGVariant v then
      v
    else if isBool v then
      mkBoolean v
    else if isFloat v then
      mkDouble v
    else if isString v then
      mkString v
    else if isList v then
      mkArray v
    else if builtins.isInt v then
      throw "The GVariant type for number “${toString v}” is unclear; wrap it with one of: ${
        lib.concatMapStringsSep ", " (c: "lib.gvariant.${c.name}") (
          builtins.filter (c: c.min <= v && v <= c.max) intConstructors
        )
      }"
    else
      throw "The GVariant type of “${lib.generators.toPretty { } v}” can't be inferred.";

  mkBoolean = v: plain type.boolean v // { __toString = self: lib.boolToString self.value; };
  mkString = v: plain type.string v // { __toString = self: "'${lib.escape [ "'" "\\" ] self.value}'"; };
  mkObjectpath = v: primitive type.string v // { __toString = self: "objectpath '${lib.escape [ "'" ] self.value}'"; };
  mkUchar = primitive type.uchar;
  mkInt16 = primitive type.int16;
  mkUint16 = primitive type.uint16;
  mkInt32 = plain type.int32;
  mkUint32 = primitive type.uint32;
  mkInt64 = primitive type.int64;
  mkUint64 = primitive type.uint64;
  mkDouble = plain type.double;

  mkVariant =
    value:
    let
      v = mkValue value;
    in
    plain type.variant v // { __toString = self: "<${toString self.value}>"; };
  mkEmptyArray = elementType: primitive (type.arrayOf elementType) [ ] // { __toString = self: "@${self.type} []"; };
  mkArray =
    values:
    let
      vs = map mkValue (
        lib.throwIf (values == [ ]) "Please create empty array with mkEmptyArray." values
      );
    in
    primitive (type.arrayOf (sameType (map (v: v.type) vs))) vs
    // {
      __toString = self: "@${self.type} [${lib.concatMapStringsSep "," toString self.value}]";
    };
  mkMaybe =
    elementType: value:
    primitive (type.maybeOf elementType) value
    // {
      __toString = self: if self.value == null then "@${self.type} nothing" else "just ${toString self.value}";
    };
  mkNothing = elementType: mkMaybe elementType null;
  mkJust =
    value:
    let
      v = mkValue value;
    in
    mkMaybe v.type v;
  mkTuple =
    values:
    let
      vs = map mkValue values;
    in
    primitive (type.tupleOf (map (v: v.type) vs)) vs
    // {
      __toString = self: "@${self.type} (${lib.concatMapStringsSep "," toString self.value})";
    };
  mkDictionaryEntry =
    key: value:
    let
      k = mkValue key;
      v = mkValue value;
    in
    primitive (type.dictionaryEntryOf k.type v.type) { inherit k v; }
    // {
      __toString = self: "@${self.type} {${toString self.value.k},${toString self.value.v}}";
    };
}
