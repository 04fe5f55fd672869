# SPDX-License-Identifier: GPL-2.0-or-later
# Types that are a choice among others: null or a value, one of several values or types, a value that is converted,
# one definition only, tagged unions.
{ lib }:

let
  inherit (builtins)
    attrNames
    elem
    elemAt
    filter
    head
    isAttrs
    length
    mapAttrs
    ;
  inherit (lib) showOption;
  inherit (lib.modules) checkAndMerge checkDefsForError;
  inherit (lib.options) showFiles;
  make = import ./make.nix { inherit lib; };
  inherit (make)
    coherent
    defaultFunctor
    elemTypeFunctor
    mergeV2
    mkOptionType
    phrase
    ;

  joined = [
    "noun"
    "conjunction"
  ];

  files = defs: showFiles (map (def: def.file) defs);

  # The attributes and functions that a type hands through from the one it is made of.
  through = type: {
    inherit (type)
      emptyValue
      getSubModules
      getSubOptions
      ;
  };
in
rec {
  nullOr =
    elemType:
    let
      self = mkOptionType rec {
        name = "nullOr";
        description = "null or ${phrase joined elemType}";
        descriptionClass = "conjunction";
        check = coherent (x: x == null || elemType.check x);
        merge = mergeV2 (
          { loc, defs }:
          let
            nulls = lib.count (def: def.value == null) defs;
            inner = checkAndMerge loc elemType defs;
          in
          if nulls == length defs then
            {
              headError = null;
              value = null;
              valueMeta = { };
            }
          else if nulls != 0 then
            {
              headError = null;
              value = throw "The option `${showOption loc}` is defined both null and not null, in ${files defs}.";
              valueMeta = { };
            }
          else
            inner
            // {
              headError =
                let
                  error = checkDefsForError self loc defs;
                in
                if error != null then error else inner.headError;
            }
        );
        emptyValue.value = null;
        inherit (elemType) getSubOptions getSubModules;
        substSubModules = m: nullOr (elemType.substSubModules m);
        functor = elemTypeFunctor name (p: nullOr p.elemType) { inherit elemType; };
        nestedTypes = { inherit elemType; };
      };
    in
    self;

  enum =
    values:
    let
      show =
        v:
        if builtins.isString v then
          "\"${v}\""
        else if v == null || builtins.isInt v || builtins.isBool v || builtins.isFloat v then
          builtins.toJSON v
        else
          "<${builtins.typeOf v}>";
    in
    mkOptionType rec {
      name = "enum";
      description =
        if values == [ ] then
          "impossible (empty enum)"
        else if length values == 1 then
          "value ${show (head values)} (singular enum)"
        else
          "one of ${lib.concatMapStringsSep ", " show values}";
      descriptionClass = if length values < 2 then "noun" else "conjunction";
      check = v: elem v values;
      merge = lib.mergeEqualOption;
      functor = defaultFunctor name // {
        payload = { inherit values; };
        type = p: enum p.values;
        binOp = a: b: { values = lib.unique (a.values ++ b.values); };
      };
    };

  either =
    left: right:
    let
      name = "either";
      self = mkOptionType {
        inherit name;
        description =
          if left.descriptionClass or null == "nonRestrictiveClause" then
            "${left.description}, or ${phrase joined right}"
          else
            "${phrase joined left} or ${
              phrase [
                "noun"
                "conjunction"
                "composite"
              ] right
            }";
        descriptionClass = "conjunction";
        check = coherent (x: left.check x || right.check x);
        merge = mergeV2 (
          { loc, defs }:
          let
            l = checkAndMerge loc left defs;
            r = checkAndMerge loc right defs;
            headError = {
              message = "The option `${showOption loc}` is neither a value of type `${left.description}` nor `${right.description}`, Definition values: ${lib.options.showDefs defs}";
              # Those that are neither, or all where each is one of the two, but not the same.
              invalid =
                let
                  error = checkDefsForError self loc defs;
                in
                if error == null then defs else error.invalid;
            };
          in
          if l.headError == null then
            l
          else if r.headError == null then
            r
          else
            {
              inherit headError;
              # A free-form type's values are not checked as those of an option are.
              value = lib.warn "One or more definitions did not pass the type-check of the 'either' type.\n${headError.message}\nIf `either`, `oneOf` or similar is used in freeformType, ensure that it is preceded by an 'attrsOf' such as: `freeformType = types.attrsOf (types.either t1 t2)`.\nOtherwise consider using the correct type for the option `${showOption loc}`.  This will be an error in Nixpkgs 26.05." (lib.mergeOneOption loc defs);
              valueMeta = { inherit headError; };
            }
        );
        typeMerge =
          f:
          let
            l = left.typeMerge (elemAt f.payload.elemType 0).functor;
            r = right.typeMerge (elemAt f.payload.elemType 1).functor;
          in
          if f.name == name && l != null && r != null then either l r else null;
        functor = defaultFunctor name // {
          payload.elemType = [
            left
            right
          ];
          type = p: either (elemAt p.elemType 0) (elemAt p.elemType 1);
        };
        nestedTypes = { inherit left right; };
      };
    in
    self;
  oneOf =
    types:
    if types == [ ] then
      throw "types.oneOf needs to get at least one type in its argument"
    else
      builtins.foldl' either (head types) (builtins.tail types);

  coercedTo =
    from: coerce: to:
    let
      # A type that checks while it merges says so itself, and whether it may.
      isFrom = loc: def: if from.merge ? v2 then (checkAndMerge loc from [ def ]).headError == null else from.check def.value;
      self = mkOptionType {
        name = "coercedTo";
        description = "${phrase [ "noun" ] to} or ${phrase [ "noun" ] from} convertible to it";
        check = coherent (x: (from.check x && to.check (coerce x)) || to.check x);
        merge = mergeV2 (
          { loc, defs }:
          let
            merged = checkAndMerge loc to (map (def: def // { value = if isFrom loc def then coerce def.value else def.value; }) defs);
            error = checkDefsForError self loc defs;
          in
          merged // { headError = if error != null then error else merged.headError; }
        );
        inherit (through to) emptyValue getSubModules getSubOptions;
        substSubModules = m: coercedTo from coerce (to.substSubModules m);
        typeMerge = _: null;
        functor = defaultFunctor "coercedTo";
        nestedTypes = {
          coercedType = from;
          finalType = to;
        };
      };
    in
    assert lib.assertMsg (
      from.getSubModules == null
    ) "coercedTo: coercedType must not have submodules (it’s a ${from.description})";
    self;

  # One definition at most.
  uniq = unique { message = ""; };
  unique =
    { message }@options:
    type:
    mkOptionType rec {
      name = "unique";
      inherit (type) description descriptionClass;
      check = x: type.check x;
      merge = lib.options.mergeUniqueOption {
        inherit message;
        inherit (type) merge;
      };
      inherit (through type) emptyValue getSubModules getSubOptions;
      substSubModules = m: unique options (type.substSubModules m);
      functor = elemTypeFunctor name (p: unique options p.elemType) { elemType = type; };
      nestedTypes.elemType = type;
    };

  # Sets with exactly one of the attributes, each declared as an option.
  attrTag =
    tags:
    let
      choices = lib.concatMapStringsSep ", " lib.strings.escapeNixIdentifier (attrNames tags);
      # Options without a module of their own: they are declared where the tags are.
      options = mapAttrs (
        tag: option:
        let
          pos = builtins.unsafeGetAttrPos tag tags;
        in
        if option._type or null == "option" then
          {
            type = lib.types.unspecified;
            declarations = if pos == null then [ ] else [ pos.file ];
            declarationPositions = if pos == null then [ ] else [ pos ];
          }
          // option
        else
          builtins.addErrorContext "while checking that attrTag tag ${lib.strings.escapeNixIdentifier tag} is an option with a type${
            lib.optionalString (pos != null) " at ${pos.file}:${toString pos.line}:${toString pos.column}"
          }" (throw "In attrTag, each tag value must be an option, but tag ${lib.strings.escapeNixIdentifier tag} ${
            if option._type or null == "option-type" then
              "was a bare type, not wrapped in mkOption."
            else if option ? _type then
              "was of type ${lib.strings.escapeNixString option._type}."
            else
              "was not."
          }")
      ) tags;
    in
    mkOptionType rec {
      name = "attrTag";
      description = "attribute-tagged union with choices: ${choices}";
      descriptionClass = "noun";
      check = v: isAttrs v && length (attrNames v) == 1 && tags ? ${head (attrNames v)};
      merge =
        loc: defs:
        let
          tagOf = def: head (attrNames def.value);
          tag = tagOf (head defs);
          others = filter (def: tagOf def != tag) defs;
        in
        if others != [ ] then
          throw "The option `${showOption loc}` is defined both as `${tag}` and `${tagOf (head others)}`, in ${files defs}."
        else if !tags ? ${tag} then
          throw "The option `${showOption loc}` is defined as ${lib.strings.escapeNixIdentifier tag}, but ${lib.strings.escapeNixIdentifier tag} is not among the valid choices (${choices}). Value ${tag} was defined in ${files defs}."
        else
          {
            ${tag} =
              (lib.modules.evalOptionValue (loc ++ [ tag ]) (options.${tag} // { loc = loc ++ [ tag ]; }) (
                map (def: {
                  inherit (def) file;
                  value = def.value.${tag};
                }) defs
              )).value;
          };
      getSubOptions = prefix: mapAttrs (tag: option: option // { loc = prefix ++ [ tag ]; }) options;
      nestedTypes = options;
      functor = defaultFunctor name // {
        payload = { tags = options; };
        type = p: attrTag p.tags;
        binOp =
          a: b:
          let
            declaration = option: {
              _file = "<attrTag {...}>";
              options = option;
            };
            # As two declarations of one option; where they stand is known better.
            merged = mapAttrs (
              tag: option:
              lib.modules.mergeOptionDecls [ tag ] [
                (declaration a.tags.${tag})
                (declaration option)
              ]
              // {
                declarations = a.tags.${tag}.declarations ++ option.declarations;
                declarationPositions = a.tags.${tag}.declarationPositions ++ option.declarationPositions;
              }
            ) (builtins.intersectAttrs a.tags b.tags);
          in
          {
            tags = a.tags // b.tags // merged;
          };
      };
    };
}
