# SPDX-License-Identifier: GPL-2.0-or-later
# Option declarations, how definitions are merged without a better type, how both are shown in messages, and the list
# that documentation is made from.
{ lib }:

let
  inherit (builtins)
    all
    concatLists
    concatMap
    concatStringsSep
    filter
    foldl'
    head
    isAttrs
    isBool
    isInt
    isList
    isString
    length
    tail
    ;

  prioritySuggestion = "Use `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions.";

  # What stands in <> is not a name, but says what kind of name comes here.
  showPart =
    part: if part == "*" || builtins.match "<.*>" part != null then part else lib.strings.escapeNixIdentifier part;
in
rec {
  unknownModule = "<unknown-file>";

  # Declarations.

  isOption = value: value._type or null == "option";
  mkOption =
    {
      default ? null,
      defaultText ? null,
      example ? null,
      description ? null,
      relatedPackages ? null,
      type ? null,
      apply ? null,
      internal ? null,
      visible ? null,
      readOnly ? null,
    }@attrs:
    attrs // { _type = "option"; };
  mkEnableOption =
    name:
    mkOption {
      default = false;
      example = true;
      description = "Whether to enable ${name}.";
      type = lib.types.bool;
    };
  mkPackageOption =
    pkgs: name:
    {
      nullable ? false,
      default ? name,
      example ? null,
      extraDescription ? "",
      pkgsText ? "pkgs",
    }:
    let
      path = lib.toList default;
      pathText = concatStringsSep "." path;
      type = lib.types.package;
    in
    mkOption (
      {
        description =
          "The ${lib.last (lib.toList name)} package to use."
          + lib.optionalString (extraDescription != "") " ${extraDescription}";
        type = if nullable then lib.types.nullOr type else type;
      }
      // (
        if default != null then
          {
            default = lib.attrByPath path (throw "${pathText} cannot be found in ${pkgsText}") pkgs;
            defaultText = literalExpression "${pkgsText}.${pathText}";
          }
        else
          lib.optionalAttrs nullable { default = null; }
      )
      // lib.optionalAttrs (example != null) {
        example = literalExpression (
          if isList example then "${pkgsText}.${concatStringsSep "." example}" else example
        );
      }
    );
  # An option that swallows definitions of options that are not declared.
  mkSinkUndeclaredOptions =
    attrs:
    mkOption (
      {
        internal = true;
        visible = false;
        default = false;
        description = "Takes definitions of options that are not declared.";
        type = lib.types.mkOptionType {
          name = "sink";
          check = _: true;
          merge = _: _: false;
        };
        apply = _: throw "Option value is not readable because the option is not declared.";
      }
      // attrs
    );

  # Merging.

  mergeDefaultOption =
    loc: defs:
    let
      values = getValues defs;
      first = head values;
    in
    if length values == 1 then
      first
    else if all lib.isFunction values then
      x: mergeDefaultOption loc (map (def: def // { value = def.value x; }) defs)
    else if all isList values then
      concatLists values
    else if all isAttrs values then
      foldl' lib.mergeAttrs { } values
    else if all isBool values then
      lib.any lib.id values
    else if all isString values then
      lib.concatStrings values
    else if all isInt values && all (v: v == first) values then
      first
    else
      throw "Cannot merge definitions of `${showOption loc}'. Definition values:${showDefs defs}${showPlaces defs}";

  mergeOneOption = mergeUniqueOption { message = ""; };
  mergeUniqueOption =
    {
      message,
      merge ? null,
    }:
    loc: defs:
    if length defs == 1 then
      (if merge == null then (head defs).value else merge loc defs)
    else
      throw "The option `${showOption loc}' is defined multiple times while it's expected to be unique.\n${message}\nDefinition values:${showDefs defs}\n${prioritySuggestion}${showPlaces defs}";
  mergeEqualOption =
    loc: defs:
    let
      first = head defs;
      same =
        def:
        if def.value == first.value then
          true
        else
          throw "The option `${showOption loc}' has conflicting definition values:${
            showDefs [
              first
              def
            ]
          }\n${prioritySuggestion}${
            showPlaces [
              first
              def
            ]
          }";
    in
    if defs == [ ] then
      abort "mergeEqualOption: there is no definition of `${showOption loc}'"
    else if length defs == 1 || all same (tail defs) then
      first.value
    else
      null;

  getValues = map (def: def.value);
  getFiles = map (def: def.file);

  # Showing.

  showOption = path: concatStringsSep "." (map showPart path);
  showFiles = files: concatStringsSep " and " (map (file: "`${file}'") files);
  # Where an attribute of a definition's value stands; where that is unknown, or no place in the file that defines it, where the whole stands.
  positionIn =
    def: name:
    let
      pos = builtins.unsafeGetAttrPos name def.value;
    in
    # What a file defines stands in it; what has another name ("kernel patch 'x'") stands wherever it was written.
    if pos != null && (pos.file == toString def.file || !lib.hasPrefix "/" (toString def.file)) then pos else def.pos or null;
  # One line for each definition, with the value if it can be evaluated, at most five lines of it.
  showDefs =
    let
      show =
        def:
        let
          pretty = builtins.tryEval (
            lib.generators.toPretty { } (
              lib.generators.withRecursion {
                depthLimit = 10;
                throwOnDepthLimit = false;
              } def.value
            )
          );
          lines = filter (line: line != "") (lib.splitString "\n" pretty.value);
          shown = lib.take 5 lines ++ lib.optional (length lines > 5) "...";
        in
        "\n- In `${def.file}'"
        + (
          if !pretty.success then
            ""
          else if length lines > 1 then
            ":\n    ${concatStringsSep "\n    " shown}"
          else
            ": ${concatStringsSep "" lines}"
        );
    in
    lib.concatMapStrings show;
  # Where they stand, as far as the evaluator knows (definitions behind mkIf have lost their position): the last words of
  # a message, since what comes before is as nixpkgs has it.
  showPlaces =
    defs:
    let
      known = filter (pos: pos != null) (map (def: def.pos or null) defs);
      place = pos: "${pos.file}:${toString pos.line}:${toString pos.column}";
    in
    lib.optionalString (known != [ ]) "\n\nDefined at ${lib.concatMapStringsSep ", " place (lib.unique known)}.";
  showOptionWithDefLocs =
    opt: "\n\t${showOption opt.loc}, with values defined in:\n${lib.concatMapStringsSep "\n" (f: "\t\t- ${f}") opt.files}";

  # Documentation.

  literalExpression =
    text:
    if isString text then
      {
        _type = "literalExpression";
        inherit text;
      }
    else
      throw "literalExpression expects a string.";
  literalMD =
    text:
    if isString text then
      {
        _type = "literalMD";
        inherit text;
      }
    else
      throw "literalMD expects a string.";
  literalCode = language: text: literalMD "```${language}\n${text}\n```";
  renderOptionValue =
    value:
    if value ? _type && value ? text then
      value
    else
      literalExpression (
        lib.generators.toPretty {
          multiline = true;
          allowPrettyValues = true;
        } value
      );
  # Values without what cannot be shown: packages become their names.
  scrubOptionValue =
    value:
    if lib.isDerivation value then
      {
        type = "derivation";
        inherit (value) name;
        drvPath = value.name;
        outPath = value.name;
      }
    else if isList value then
      map scrubOptionValue value
    else if isAttrs value then
      builtins.mapAttrs (_: scrubOptionValue) (removeAttrs value [ "_args" ])
    else
      value;

  optionAttrSetToDocList = optionAttrSetToDocList' [ ];
  optionAttrSetToDocList' =
    _: options:
    let
      document =
        opt:
        let
          name = showOption opt.loc;
          visible = opt.visible or true;
          below = opt.type.getSubOptions opt.loc;
          context = what: builtins.addErrorContext "while evaluating the ${what} of option `${name}`";
          doc = {
            inherit (opt) loc;
            inherit name;
            description = opt.description or null;
            declarations = filter (file: file != unknownModule) opt.declarations;
            internal = opt.internal or false;
            visible = if isBool visible then visible else visible == "shallow";
            readOnly = opt.readOnly or false;
            type = opt.type.description or "unspecified";
          }
          // lib.optionalAttrs (opt ? example) { example = context "example" (renderOptionValue opt.example); }
          // lib.optionalAttrs (opt ? defaultText || opt ? default) {
            default = context (if opt ? defaultText then "defaultText" else "default value") (
              renderOptionValue (opt.defaultText or opt.default)
            );
          }
          // lib.optionalAttrs (opt.relatedPackages or null != null) { inherit (opt) relatedPackages; };
          showBelow = if isBool visible then visible else visible == "transparent";
        in
        [ doc ] ++ lib.optionals (showBelow && below != { }) (optionAttrSetToDocList' opt.loc below);
    in
    concatMap document (lib.collect isOption options);
}
