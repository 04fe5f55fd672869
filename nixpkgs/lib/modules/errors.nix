# SPDX-License-Identifier: GPL-2.0-or-later
# What the module system says when modules do not fit together. Each message names the option, the files, the values
# and, where it helps, what to write instead.
{ lib }:

let
  inherit (builtins) attrNames head length;
  inherit (lib) showOption;
  inherit (lib.options) showDefs showFiles showPlaces;

  # The three names most like the wrong one; another case of letters is no difference.
  similar =
    name:
    let
      lowered = lib.toLower name;
      distance = c: if lib.toLower c == lowered then 0 else lib.strings.levenshtein name c;
    in
    candidates:
    lib.take 3 (
      lib.sortOn distance (
        # Among many names only near ones are worth the time.
        if length candidates < 100 then candidates else builtins.filter (lib.strings.levenshteinAtMost 2 name) candidates
      )
    );

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
  # unmatched: { file, value, prefix, pos } of definitions that no option takes, with the words that may be meant where they
  # are no declared ones (beside); options: what is declared.
  undeclaredOption =
    prefix: options: unmatched:
    let
      first = head unmatched;
      path = first.prefix;
      siblings = first.beside or (attrNames (removeAttrs (lib.attrByPath (lib.init path) { } options) [ "_module" ]));
      text = showOption (prefix ++ path);
      base = "The option `${text}' does not exist. Definition values:${
        builtins.addErrorContext
          "while evaluating the error message for definitions for `${text}', which is an option that does not exist"
          (builtins.addErrorContext "while evaluating a definition from `${first.file}'" (showDefs [ first ]))
      }";
      place = showPlaces (builtins.filter (def: def.prefix == path) unmatched);
      known = removeAttrs options [ "_module" ];
    in
    if known == { } then
      if prefix == [ ] then
        "${base}\n\nIt seems as if you're trying to declare an option by placing it into `config' rather than `options'!\n${place}"
      else
        "${base}\n\nHowever there are no options defined in `${showOption prefix}'. Are you sure you've\ndeclared your options properly? This can happen if you e.g. declared your options in `types.submodule'\nunder `config' rather than `options'.\n${place}"
    else
      base + suggest (map (name: showOption (prefix ++ lib.init path ++ [ name ])) (similar (lib.last path) siblings)) + place;

  # What checkDefsForError found, or what a type that checks while it merges says (why).
  wrongType =
    loc: type: defs: why:
    "A definition for option `${showOption loc}' is not of type `${type.description}'. ${
      if why == null then "Definition values:${showDefs defs}" else "TypeError: ${why}"
    }${adviceFor type (head defs).value}${showPlaces defs}";

  notDefined = loc: "The option `${showOption loc}' was accessed but has no value defined. Try setting the option.";

  readOnly =
    loc: defs: "The option `${showOption loc}' is read-only, but it's set multiple times. Definition values:${showDefs defs}${showPlaces defs}";

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
    let
      name = lib.strings.escapeNixIdentifier (lib.last loc);
      comment = lib.optionalString (length loc > 1) "\n    # ${showOption loc}";
    in
    "In module ${file}: expected an option declaration at option path `${showOption loc}` but got an attribute set with type ${kind}"
    + lib.optionalString (kind == "option-type") "\n\nWhen declaring an option, you must wrap the type in a `mkOption` call. It should look somewhat like:\n    ${comment}\n    ${name} = lib.mkOption {\n      description = ...;\n      type = <the type you wrote for ${name}>;\n      ...\n    };\n";

  declarationNotASet =
    loc: file: kind:
    "An option declaration for `${lib.concatStringsSep "." loc}' has type\n`${kind}' rather than an attribute set.\nDid you mean to define this outside of `options'?\n\nIt stands in `${file}'.";

  definitionNotASet =
    loc: file: value:
    "In module `${file}', you're trying to define a value of type `${builtins.typeOf value}'\nrather than an attribute set for the option\n`${showOption loc}'!\n\nThis usually happens if `${showOption loc}' has option\ndefinitions inside that are not matched. Please check how to properly define\nthis option by e.g. referring to `man 5 configuration.nix'!\n";

  parentOfOptions =
    loc: option: nested:
    let
      line = decl: map (name: " - option(s) with prefix `${showOption (loc ++ [ name ])}' in module `${decl._file}'") (attrNames decl.options);
    in
    "The option `${showOption loc}' in module `${option._file}' would be a parent of the following options, but its type `${
      option.options.type.description or "<no description>"
    }' does not support nested options.\n${lib.concatStringsSep "\n" (lib.sort (a: b: a < b) (builtins.concatMap line nested))}";

  adHocCheck =
    loc: type:
    "The option `${showOption loc}' has a type `${type.description}' that uses\nan ad-hoc `type // { check = ...; }' override, which is incompatible with\nthe v2 merge mechanism.\n\nPlease use `lib.types.addCheck` instead of `type // { check }' to add\ncustom validation. For example:\n\n  lib.types.addCheck baseType (value: /* your check */)\n\ninstead of:\n\n  baseType // { check = value: /* your check */; }\n";
}
