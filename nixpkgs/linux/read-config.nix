# SPDX-License-Identifier: GPL-2.0-or-later
# Answers about a kernel's final .config: `kernel.config.isYes "MODULES"`, isNo, isModule, isEnabled, isSet, getValue.
# Reading the file of a derivation builds that derivation (the .config only, no kernel).
{ lib }:
let
  # { CONFIG_NAME = "value"; } with the quotes of texts taken off.
  parse = text:
    let
      entry = line:
        let parts = builtins.match "(CONFIG_[A-Za-z0-9_]+)=(.*)" line;
        in lib.optional (parts != null) {
          name = builtins.head parts;
          value = let raw = builtins.elemAt parts 1; quoted = builtins.match "\"(.*)\"" raw; in if quoted == null then raw else builtins.head quoted;
        };
    in
    builtins.listToAttrs (lib.concatMap entry (builtins.filter builtins.isString (builtins.split "\n" text)));

  withQueries = values:
    let get = name: values."CONFIG_${name}" or null;
    in values // {
      getValue = get;
      isSet = name: get name != null;
      isYes = name: get name == "y";
      isModule = name: get name == "m";
      isEnabled = name: get name == "y" || get name == "m";
      isNo = name: get name == null || get name == "n";
      isDisabled = name: get name == null || get name == "n";
    };
in
{
  inherit parse withQueries;
  fromFile = file: withQueries (parse (builtins.readFile file));
}
