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

  # { optional = true; tristate = lib.mkIf c "y"; }, as some write it, means mkIf c { optional = true; tristate = "y"; }.
  lift = answer:
    if !(builtins.isAttrs answer) then answer
    else if answer ? content then around answer (lift answer.content)
    else if answer._type or null == "merge" then answer // { contents = map lift answer.contents; }
    else if answer.tristate._type or null == "if" then lib.mkIf answer.tristate.condition (lift (answer // { tristate = answer.tristate.content; }))
    else answer;
  # A condition goes outside of a priority, where the module system looks for it.
  around = outer: inner:
    if inner._type or null == "if" then lib.mkIf inner.condition (around outer inner.content) else outer // { content = inner; };
  lifted = config:
    if !(builtins.isAttrs config) then config
    else if config ? content && config ? _type then config // { content = lifted config.content; }
    else if config._type or null == "merge" then config // { contents = map lifted config.contents; }
    # Attributes that are made anew lose the place where they are written.
    else if builtins.any isInside (builtins.attrValues config) then builtins.mapAttrs (_: lift) config
    else config;
  isInside = answer: builtins.isAttrs answer
    && (answer.tristate._type or null == "if" || isInside (answer.content or null) || builtins.any isInside (answer.contents or [ ]));

  moduleOf = part: { _file = part.why; config.structuredExtraConfig = lifted part.config; };

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
