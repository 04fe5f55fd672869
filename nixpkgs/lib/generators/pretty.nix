# SPDX-License-Identifier: GPL-2.0-or-later
# Values printed for people, in the notation of the Nix language, and a limit of depth for values that never end.
{ lib }:

let
  inherit (builtins)
    concatStringsSep
    isAttrs
    isFunction
    isList
    isPath
    isString
    ;

  special = [
    "__functor"
    "__functionArgs"
    "__pretty"
    "__toString"
  ];

  showFunction =
    f:
    let
      args = lib.functionArgs f;
      show = name: optional: if optional then "${name}?" else name;
    in
    if args == { } then
      "<function>"
    else
      "<function, args: {${concatStringsSep ", " (lib.mapAttrsToList show args)}}>";

  # A string over several lines; the last line break becomes the one before the closing quotes.
  showLines =
    indent: s:
    let
      lines = lib.splitString "\n" (
        builtins.replaceStrings
          [
            "\${"
            "''"
          ]
          [
            "''\${"
            "'''"
          ]
          s
      );
      inner = "\n${indent}  ";
      all = "''${inner}${concatStringsSep inner (lib.init lines)}";
    in
    if lib.last lines == "" then "${all}\n${indent}''" else "${all}${inner}${lib.last lines}''";
  showString =
    s: "\"${builtins.replaceStrings [ "\\" "\"" "\n" "\r" "\t" "\${" ] [ "\\\\" "\\\"" "\\n" "\\r" "\\t" "\\\${" ] s}\"";
in
{
  toPretty =
    {
      multiline ? true,
      allowPrettyValues ? false,
      indent ? "",
    }:
    let
      go =
        indent: v:
        let
          open = if multiline then "\n${indent}  " else " ";
          close = if multiline then "\n${indent}" else " ";
          deeper = go (indent + "  ");
          pair = name: value: "${lib.strings.escapeNixIdentifier name} = ${deeper value};";
        in
        if isString v then
          if multiline && lib.hasInfix "\n" v then showLines indent v else showString v
        else if isList v then
          if v == [ ] then "[ ]" else "[${open}${lib.concatMapStringsSep open deeper v}${close}]"
        else if isPath v then
          toString v
        else if isFunction v then
          showFunction v
        else if !isAttrs v then
          # Numbers, booleans and null look as they do in JSON.
          builtins.toJSON v
        else if allowPrettyValues && v ? __pretty && v ? val then
          v.__pretty v.val
        else if v == { } then
          "{ }"
        else if lib.isDerivation v then
          "<derivation ${v.name or "???"}>"
        else if v ? __functor && lib.isFunction v then
          showFunction v
        else
          "{${open}${lib.concatMapAttrsStringSep open pair v}${close}}";
    in
    go indent;

  withRecursion =
    {
      depthLimit,
      throwOnDepthLimit ? true,
    }:
    let
      reached =
        if throwOnDepthLimit then
          throw "Exceeded maximum eval-depth limit of ${toString depthLimit} while trying to evaluate with `generators.withRecursion'!"
        else
          "<unevaluated>";
      go =
        depth: v:
        if depthLimit != null && depth > depthLimit then
          reached
        else if isAttrs v then
          builtins.mapAttrs (name: inner: if builtins.elem name special then inner else go (depth + 1) inner) v
        else if isList v then
          map (go (depth + 1)) v
        # A value that holds no others counts as one level more.
        else if depthLimit != null && depth + 1 > depthLimit then
          reached
        else
          v;
    in
    go 0;
}
