# SPDX-License-Identifier: GPL-2.0-or-later
# Apple's property lists, Dhall and Lua from Nix values.
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
    isPath
    isString
    toJSON
    ;
in
rec {
  toPlist =
    {
      escape ? false,
    }:
    let
      text = if escape then lib.strings.escapeXML else lib.id;
      tag = indent: name: content: "${indent}<${name}>${content}</${name}>";
      block = indent: name: lines: concatStringsSep "\n" [ "${indent}<${name}>" lines "${indent}</${name}>" ];
      go =
        indent: v:
        let
          inner = "\t${indent}";
          entry = name: value: [
            (tag inner "key" (text name))
            (go inner value)
          ];
        in
        if v == null then
          ""
        else if isBool v then
          "${indent}<${lib.boolToString v}/>"
        else if isInt v then
          tag indent "integer" (toString v)
        else if isFloat v then
          tag indent "real" (toString v)
        else if isString v || isPath v then
          tag indent "string" (text (toString v))
        else if isList v then
          block indent "array" (lib.concatMapStringsSep "\n" (go inner) v)
        else if isAttrs v then
          block indent "dict" (
            concatStringsSep "\n" (lib.concatLists (lib.mapAttrsToList entry (lib.filterAttrs (_: x: x != null) v)))
          )
        else
          abort "generators.toPlist: a ${builtins.typeOf v} cannot stand in a property list";
    in
    v:
    lib.warnIf (!escape)
      "Using `lib.generators.toPlist` without `escape = true` is deprecated: special characters break the XML"
      ''
        <?xml version="1.0" encoding="UTF-8"?>
        <!DOCTYPE plist PUBLIC "-//Apple Computer//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
        <plist version="1.0">
        ${go "" v}
        </plist>'';

  toDhall =
    { }@options:
    v:
    let
      inner = toDhall options;
    in
    if isBool v then
      (if v then "True" else "False")
    else if isInt v then
      lib.optionalString (v >= 0) "+" + toString v
    else if isFloat v then
      toString v
    else if isString v then
      toJSON v
    else if isList v then
      "[ ${lib.concatMapStringsSep ", " inner v} ]"
    else if isAttrs v && !lib.isDerivation v then
      "{ ${lib.concatMapAttrsStringSep ", " (name: value: "${name} = ${inner value}") v} }"
    else if isFunction v then
      abort "generators.toDhall: cannot convert a function to Dhall"
    else if v == null then
      abort "generators.toDhall: cannot convert a null to Dhall"
    else
      toJSON (toString v);

  mkLuaInline = expr: {
    _type = "lua-inline";
    inherit expr;
  };

  toLua =
    {
      multiline ? true,
      indent ? "",
      asBindings ? false,
    }@options:
    v:
    let
      open = if multiline then "\n${indent}  " else " ";
      close = if multiline then "\n${indent}" else " ";
      inner = toLua (
        options
        // {
          indent = if asBindings then indent else indent + "  ";
          asBindings = false;
        }
      );
      table = items: if items == [ ] then "{}" else "{${open}${concatStringsSep ",${open}" items}${close}}";
      name = "[[:alpha:]_][[:alnum:]_]*(\\.[[:alpha:]_][[:alnum:]_]*)*";
      bad = builtins.filter (n: builtins.match name n == null) (builtins.attrNames v);
      bindings =
        if bad != [ ] then
          throw "Bad Lua var names: ${lib.generators.toPretty { } bad}"
        else
          lib.concatStrings (lib.mapAttrsToList (n: x: "${indent}${n} = ${inner x}\n") v);
    in
    if asBindings then
      bindings
    else if v == null then
      "nil"
    else if isInt v || isFloat v || isString v || isBool v then
      toJSON v
    else if isPath v || lib.isDerivation v then
      toJSON (toString v)
    else if isList v then
      table (map inner v)
    else if isAttrs v then
      if v._type or null == "lua-inline" then
        "(${v.expr})"
      else
        table (lib.mapAttrsToList (n: x: "[${toJSON n}] = ${inner x}") v)
    else
      abort "generators.toLua: type ${builtins.typeOf v} is unsupported";
}
