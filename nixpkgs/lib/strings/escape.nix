# SPDX-License-Identifier: GPL-2.0-or-later
# Quoting: for the shell, for regular expressions, for C, URLs, XML and for the Nix language itself.
{ lib }:

let
  inherit (builtins)
    concatStringsSep
    isAttrs
    isList
    isString
    match
    replaceStrings
    toJSON
    ;
  ascii = import ./ascii.nix;

  unreserved = lib.stringToCharacters "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
  # Every other ASCII character and its %XX.
  reserved = removeAttrs ascii unreserved;
  hex2 = n: lib.fixedWidthString 2 "0" (lib.toHexString n);

  keywords = [
    "assert"
    "else"
    "if"
    "in"
    "inherit"
    "let"
    "or"
    "rec"
    "then"
    "with"
  ];
in
rec {
  charToInt = c: ascii.${c};

  escape = list: replaceStrings list (map (c: "\\${c}") list);
  escapeC = list: replaceStrings list (map (c: "\\x${lib.toLower (hex2 (charToInt c))}") list);
  escapeURL =
    let
      names = builtins.attrNames reserved;
    in
    replaceStrings names (map (c: "%${hex2 reserved.${c}}") names);
  escapeRegex = escape (lib.stringToCharacters "\\[{()^$?*+|.");
  escapeXML =
    replaceStrings
      [
        "\""
        "'"
        "<"
        ">"
        "&"
      ]
      [
        "&quot;"
        "&apos;"
        "&lt;"
        "&gt;"
        "&amp;"
      ];

  # The shell.

  escapeShellArg =
    arg:
    let
      s = toString arg;
    in
    if match "[[:alnum:],._+:@%/-]+" s == null then
      "'${replaceStrings [ "'" ] [ "'\\''" ] s}'"
    else
      s;
  escapeShellArgs = lib.concatMapStringsSep " " escapeShellArg;
  isValidPosixName = name: match "[a-zA-Z_][a-zA-Z0-9_]*" name != null;
  toShellVar =
    name: value:
    lib.throwIfNot (isValidPosixName name) "toShellVar: ${name} is not a valid shell variable name" (
      if isAttrs value && !lib.isStringLike value then
        let
          pair = n: v: "[${escapeShellArg n}]=${escapeShellArg v}";
        in
        "declare -A ${name}=(${concatStringsSep " " (lib.mapAttrsToList pair value)})"
      else if isList value then
        "declare -a ${name}=(${escapeShellArgs value})"
      else
        "${name}=${escapeShellArg value}"
    );
  toShellVars = vars: concatStringsSep "\n" (lib.mapAttrsToList toShellVar vars);

  # The Nix language.

  escapeNixString = s: replaceStrings [ "$" ] [ "\\$" ] (toJSON s);
  escapeNixIdentifier =
    s:
    if match "[a-zA-Z_][a-zA-Z0-9_'-]*" s != null && !builtins.elem s keywords then s else escapeNixString s;
}
