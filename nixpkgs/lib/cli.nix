# SPDX-License-Identifier: GPL-2.0-or-later
# Command lines from attribute sets: lists, or text quoted for a shell.
{ lib }:

let
  # The argument's words: with a separator one word, else the option and its value apart.
  words =
    style: value:
    if style.sep == null then
      [
        style.option
        value
      ]
    else
      [ "${style.option}${style.sep}${value}" ];
in
rec {
  # style name gives { option; sep; explicitBool; formatArg; }.
  toCommandLine =
    style:
    let
      argument =
        name: value:
        let
          s = {
            sep = null;
            explicitBool = false;
            formatArg = v: if builtins.isBool v then lib.boolToString v else lib.generators.mkValueStringDefault { } v;
          }
          // style name;
        in
        if builtins.isList value then
          builtins.concatMap (argument name) value
        else if value == null then
          [ ]
        else if builtins.isBool value && !s.explicitBool then
          lib.optional value s.option
        else
          words s (s.formatArg value);
    in
    set: lib.concatLists (lib.mapAttrsToList argument set);
  toCommandLineShell = style: set: lib.escapeShellArgs (toCommandLine style set);

  # One letter makes -x, more make --name=value.
  toCommandLineGNU =
    {
      isLong ? (name: builtins.stringLength name > 1),
      explicitBool ? false,
      formatArg ? lib.generators.mkValueStringDefault { },
    }:
    toCommandLine (name: {
      option = if isLong name then "--${name}" else "-${name}";
      sep = if isLong name then "=" else "";
      inherit explicitBool formatArg;
    });
  toCommandLineShellGNU = options: set: lib.escapeShellArgs (toCommandLineGNU options set);

  # The older form, with functions for each kind of argument.
  toGNUCommandLine =
    {
      mkOptionName ? (name: if builtins.stringLength name == 1 then "-${name}" else "--${name}"),
      mkBool ? (name: value: lib.optional value (mkOptionName name)),
      mkList ? (name: value: builtins.concatMap (mkOption name) value),
      mkOption ? (
        name: value:
        if value == null then
          [ ]
        else if optionValueSeparator == null then
          [
            (mkOptionName name)
            (lib.generators.mkValueStringDefault { } value)
          ]
        else
          [ "${mkOptionName name}${optionValueSeparator}${lib.generators.mkValueStringDefault { } value}" ]
      ),
      optionValueSeparator ? null,
    }:
    set:
    let
      render =
        name: value:
        if builtins.isBool value then
          mkBool name value
        else if builtins.isList value then
          mkList name value
        else
          mkOption name value;
    in
    lib.concatLists (lib.mapAttrsToList render set);
  toGNUCommandLineShell = options: set: lib.escapeShellArgs (toGNUCommandLine options set);
}
