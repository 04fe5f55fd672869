# SPDX-License-Identifier: GPL-2.0-or-later
# Writers of data formats for formats.nix: JSON with line breaks, TOML, XML in the badgerfish way, Python's values.
{ lib }:
let
  inherit (builtins) all attrNames concatStringsSep filter isAttrs isBool isFloat isInt isList isString toJSON;
  # A set that stands for its text, such as a package.
  isText = v: isString v || builtins.isPath v || (isAttrs v && (v ? outPath || v ? __toString));
  isTable = v: isAttrs v && !isText v;
  indent = n: lib.replicate n "  ";
  pad = n: lib.concatStrings (indent n);

  json = depth: v:
    let
      block = open: close: items: "${open}\n${concatStringsSep ",\n" (map (i: pad (depth + 1) + i) items)}\n${pad depth}${close}";
    in
    if isTable v && v != { } then block "{" "}" (lib.mapAttrsToList (k: x: "${toJSON k}: ${json (depth + 1) x}") v)
    else if isList v && v != [ ] then block "[" "]" (map (json (depth + 1)) v)
    else toJSON v;

  # TOML: what is no table first, then a header for each table and for each element of a list of tables.
  tomlKey = k: if builtins.match "[A-Za-z0-9_-]+" k != null then k else toJSON k;
  tomlValue = v:
    if isTable v then "{ ${concatStringsSep ", " (lib.mapAttrsToList (k: x: "${tomlKey k} = ${tomlValue x}") (filled v))} }"
    else if isList v then "[${concatStringsSep ", " (map tomlValue v)}]"
    else if v == null then throw "TOML has no null"
    else if isFloat v then (let text = lib.strings.floatToString v; in if builtins.match "-?[0-9]+" text != null then text + ".0" else text)
    else toJSON v;
  filled = lib.filterAttrs (_: x: x != null);
  isTables = v: isList v && v != [ ] && all isTable v;
  toml = path: table:
    let
      set = filled table;
      names = attrNames set;
      plain = filter (k: !isTable set.${k} && !isTables set.${k}) names;
      header = k: concatStringsSep "." (map tomlKey (path ++ [ k ]));
      below = k: toml (path ++ [ k ]) set.${k};
      # A table with nothing but tables needs no header of its own.
      bare = v: v != { } && all (x: isTable x || isTables x) (builtins.attrValues v);
      tables = k:
        if isTable set.${k} then
          [ ((if bare (filled set.${k}) then "" else "[${header k}]\n") + below k) ]
        else
          map (v: "[[${header k}]]\n" + toml (path ++ [ k ]) v) set.${k};
      rows = lib.concatMapStrings (k: "${tomlKey k} = ${tomlValue set.${k}}\n") plain;
      parts = lib.optional (rows != "") rows ++ lib.concatMap tables (filter (k: !lib.elem k plain) names);
    in
    concatStringsSep "\n" parts;

  # XML: "@name" is an attribute, "$" the text, a list several elements of one name.
  xmlText = v: lib.escapeXML (if isBool v then lib.boolToString v else if v == null then "" else toString v);
  element = depth: name: v:
    let
      set = if isTable v then v else { "$" = v; };
      attributes = lib.concatMapStrings (k: " ${lib.removePrefix "@" k}=\"${xmlText set.${k}}\"") (filter (lib.hasPrefix "@") (attrNames set));
      children = filter (k: k != "$" && !lib.hasPrefix "@" k) (attrNames set);
      start = "${pad depth}<${name}${attributes}";
    in
    if isList v then lib.concatMapStrings (element depth name) v
    else if children != [ ] then "${start}>${xmlText set."$" or ""}\n${lib.concatMapStrings (k: element (depth + 1) k set.${k}) children}${pad depth}</${name}>\n"
    else if set ? "$" && set."$" != null then "${start}>${xmlText set."$"}</${name}>\n"
    else "${start}/>\n";

  python = v:
    if v == null then "None"
    else if isBool v then (if v then "True" else "False")
    else if isInt v || isFloat v then toJSON v
    else if v._type or null == "raw" then v.text
    else if isText v then toJSON (toString v)
    else if isList v then "[${concatStringsSep ", " (map python v)}]"
    else "{${concatStringsSep ", " (lib.mapAttrsToList (k: x: "${toJSON k}: ${python x}") v)}}";
in
{
  prettyJSON = json 0;
  toTOML = toml [ ];
  toXML = withHeader: v:
    if attrNames v == [ ] || builtins.length (attrNames v) != 1 then throw "XML has one element at the top, and this value has ${toString (builtins.length (attrNames v))}"
    else lib.optionalString withHeader "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + lib.concatStrings (lib.mapAttrsToList (element 0) v);
  pythonValue = python;
}
