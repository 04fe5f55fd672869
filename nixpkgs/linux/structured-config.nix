# SPDX-License-Identifier: GPL-2.0-or-later
# Merges structured configurations (lib.kernel.yes, no, module, freeform, option, unset) through the module system, so
# that mkForce, mkDefault, mkIf and mkMerge work and a conflict names everyone who asked, into requests for Kconfig.
#
# parts: a list of { why, config }; config is a set of answers, or a module.
{ lib }:
let
  show = answer:
    if answer ? freeform && answer.freeform != null then "freeform ${builtins.toJSON answer.freeform}"
    else { y = "yes"; m = "module"; n = "no"; }.${toString (answer.tristate or "")} or "unset";

  isAnswer = value: builtins.isAttrs value && (value ? tristate || value ? freeform)
    && (!(value ? tristate) || builtins.elem value.tristate [ "y" "m" "n" null ]);
  essence = answer: { tristate = answer.tristate or null; freeform = answer.freeform or null; };

  # An answer: of equal ones the mandatory wins over the optional.
  answerType = lib.mkOptionType {
    name = "kernelConfigAnswer";
    description = "answer for a Kconfig option (lib.kernel.yes, no, module, freeform \"...\", or unset)";
    descriptionClass = "noun";
    check = isAnswer;
    merge = loc: defs:
      let
        first = (builtins.head defs).value;
        same = builtins.all (def: essence def.value == essence first) defs;
        files = lib.unique (map (def: toString def.file) defs);
        lines = map (def: "- In `${toString def.file}': ${show def.value}") defs;
      in
      if !same then
        throw ''
          The option `${lib.showOption loc}' has conflicting definition values:
          ${builtins.concatStringsSep "\n" lines}
          Use `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions.''
      else essence first // {
        optional = builtins.all (def: def.value.optional or false) defs;
        why = builtins.concatStringsSep ", " files;
      };
  };

  declaration = {
    _file = "nixpkgs/linux/structured-config.nix";
    options.structuredExtraConfig = lib.mkOption {
      type = lib.types.attrsOf answerType;
      default = { };
      description = "Answers for Kconfig, by the name of the option without CONFIG_.";
    };
  };

  moduleOf = part: { _file = part.why; config.structuredExtraConfig = part.config; };

  request = name: answer: {
    inherit name;
    inherit (answer) optional why;
    value = if answer.freeform != null then toString answer.freeform else answer.tristate;
    kind = if answer.freeform != null then "freeform" else if answer.tristate == null then "unset" else "tristate";
  };
in
parts:
let
  merged = (lib.evalModules { modules = [ declaration ] ++ map moduleOf parts; }).config.structuredExtraConfig;
in
{
  settings = merged;
  requests = lib.mapAttrsToList request merged;
}
