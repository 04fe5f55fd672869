# SPDX-License-Identifier: GPL-2.0-or-later
# What the module system says when modules do not fit together. Each message names the option, the files, the values
# and, where it helps, what to write instead.
{ lib }:

let
  inherit (builtins) attrNames head length;
  inherit (lib) showOption;
  inherit (lib.options) showDefs showFiles;

  # The three names most like the wrong one; another case of letters is no difference.
  similar =
    name:
    let
      lowered = lib.toLower name;
      distance = c: if lib.toLower c == lowered then 0 else lib.strings.levenshtein name c;
    in
    candidates: lib.take 3 (lib.sortOn distance candidates);

  suggest =
    names:
    let
      quoted = map (n: "`${n}'") names;
    in
    if names == [ ] then
      ""
    else if length names == 1 then
      "\n\nDid you mean ${head quoted}?"
    else
      "\n\nDid you mean ${lib.concatStringsSep ", " (lib.init quoted)} or ${lib.last quoted}?";

  # What to write in place of a value of a wrong type, where that is clear; a type may know it itself (`advice`).
  adviceFor =
    type: value:
    let
      element = type.nestedTypes.elemType or { name = ""; };
      isText = builtins.isString value;
      text =
        if type ? advice then
          type.advice value
        else if type.name == "listOf" && isText && element ? advice && !element.check value then
          element.advice value
        else if type.name == "listOf" && !builtins.isList value && (builtins.elem element.name [ "package" "kernelPatch" ] || !builtins.isAttrs value) && element.check value then
          "A list is wanted: write [ ... ] around it."
        else if type.name == "package" && isText then
          "A package is written without quotes, as in pkgs.NAME."
        else if type.name == "bool" && builtins.elem value [ "true" "false" ] then
          "Write it without quotes: ${value}."
        else if type.name == "bool" then
          "Write true or false."
        else if builtins.elem type.name [ "int" "unsignedInt" "positiveInt" "intBetween" "unsignedInt16" ] && isText && builtins.match "-?[0-9]+" value != null then
          "Write the number without quotes: ${value}."
        else if builtins.elem type.name [ "str" "string" "separatedString" "lines" ] && (builtins.isList value || builtins.isAttrs value) then
          "A text is wanted: \"...\", or lines between two pairs of single quotes."
        else
          null;
    in
    if type.name == "coercedTo" then
      adviceFor type.nestedTypes.finalType value
    else if type.name == "nullOr" then
      adviceFor element value
    else if text == null then
      ""
    else
      "\n\n${text}";
in
{
  # unmatched: { file, value, prefix, pos } of definitions that no option takes; options: what is declared.
  undeclaredOption =
    prefix: options: unmatched:
    let
      first = head unmatched;
      path = first.prefix;
      same = builtins.filter (def: def.prefix == path) unmatched;
      siblings = attrNames (removeAttrs (lib.attrByPath (lib.init path) { } options) [ "_module" ]);
      text = showOption (prefix ++ path);
      base = "The option `${text}' does not exist. Definition values:${showDefs same}";
      known = removeAttrs options [ "_module" ];
    in
    if known == { } then
      if prefix == [ ] then
        "${base}\n\nIt seems as if you're trying to declare an option by placing it into `config' rather than `options'!"
      else
        "${base}\n\nHowever there are no options defined in `${showOption prefix}'. Are you sure you've\ndeclared your options properly? This can happen if you e.g. declared your options in `types.submodule'\nunder `config' rather than `options'."
    else
      base + suggest (map (name: showOption (prefix ++ lib.init path ++ [ name ])) (similar (lib.last path) siblings));

  wrongType =
    loc: type: defs:
    "A definition for option `${showOption loc}' is not of type `${type.description}'. Definition values:${showDefs defs}${adviceFor type (head defs).value}";

  notDefined = loc: "The option `${showOption loc}' was accessed but has no value defined. Try setting the option.";

  readOnly =
    loc: defs: "The option `${showOption loc}' is read-only, but it's set multiple times. Definition values:${showDefs defs}";

  declaredTwice =
    loc: file: earlier:
    "The option `${showOption loc}' in `${file}' is already declared in ${showFiles earlier}.";

  declaredTwiceOtherType =
    loc: file: type: earlier: earlierType:
    "The option `${showOption loc}' in `${file}' is already declared in ${showFiles earlier}. The types `${
      type.description or type.name
    }' and `${earlierType.description or earlierType.name}' cannot be merged.";

  notADeclaration =
    loc: file: kind:
    "In module `${file}': expected an option declaration at option path `${showOption loc}` but got an attribute set with type ${kind}";

  declarationNotASet =
    loc: file: kind:
    "In module `${file}': an option declaration for `${showOption loc}' has type `${kind}' rather than an attribute set.\nDid you mean to define this outside of `options'?";

  definitionNotASet =
    loc: file: value:
    "You're trying to define a value of type `${builtins.typeOf value}'\nrather than an attribute set for the option\n`${showOption loc}'!\n\nThis usually happens if `${showOption loc}' has option\ndefinitions inside that are not matched. Please check how to properly define\nthis option by e.g. referring to `man 5 configuration.nix'!\n\nThe value is defined in `${file}'.";

  parentOfOptions =
    loc: option: nested:
    let
      line =
        decl:
        lib.concatMapStringsSep "\n" (
          name: "- option(s) with prefix `${showOption (loc ++ [ name ])}' in module `${decl._file}'"
        ) (attrNames decl.options);
    in
    "The option `${showOption loc}' in module `${option._file}' would be a parent of the following options, but its type `${
      option.options.type.description or "<no description>"
    }' does not support nested options.\n${lib.concatMapStringsSep "\n" line nested}";

  adHocCheck =
    loc: type:
    "The option `${showOption loc}' has a type `${type.description}' that uses an ad-hoc `type // { check = ...; }' override, which is incompatible with the v2 merge mechanism.\nPlease use `lib.types.addCheck` instead of `type // { check }' to add custom validation.";
}
