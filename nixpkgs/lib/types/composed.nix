# SPDX-License-Identifier: GPL-2.0-or-later
# Types made of others: lists, attribute sets, choices, coercions, functions, tagged unions, data of file formats.
{ lib }:

let
  inherit (builtins)
    attrNames
    concatLists
    elem
    elemAt
    filter
    head
    isAttrs
    isList
    length
    mapAttrs
    ;
  inherit (lib) showOption;
  inherit (lib.modules) checkAndMerge checkDefsForError mergeDefinitions;
  inherit (lib.options) showFiles;
  make = import ./make.nix { inherit lib; };
  inherit (make)
    addCheck
    coherent
    defaultFunctor
    elemTypeFunctor
    mergeV2
    mkOptionType
    phrase
    ;

  single = [
    "noun"
    "composite"
  ];
  joined = [
    "noun"
    "conjunction"
  ];

  files = defs: showFiles (map (def: def.file) defs);
  isDefined = merged: merged.isDefined;
  # What a merge of one element gives, or what the element's type has for none.
  valueOf = merged: merged.mergedValue;
  metaOf = merged: merged.checkedAndMerged.valueMeta;

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
  inherit addCheck;

  listOf =
    elemType:
    let
      check = coherent isList;
      self = mkOptionType rec {
        name = "listOf";
        description = "list of ${phrase single elemType}";
        descriptionClass = "composite";
        inherit check;
        merge = mergeV2 (
          { loc, defs }:
          let
            element =
              n: def: m: value:
              mergeDefinitions (loc ++ [ "[definition ${toString n}-entry ${toString m}]" ]) elemType [
                {
                  inherit (def) file;
                  inherit value;
                }
              ];
            all = filter isDefined (concatLists (lib.imap1 (n: def: lib.imap1 (element n def) def.value) defs));
          in
          {
            headError = checkDefsForError self loc defs;
            value = map valueOf all;
            valueMeta.list = map metaOf all;
          }
        );
        emptyValue.value = [ ];
        getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "*" ]);
        inherit (elemType) getSubModules;
        substSubModules = m: listOf (elemType.substSubModules m);
        functor = elemTypeFunctor name (p: listOf p.elemType) { inherit elemType; };
        nestedTypes = { inherit elemType; };
      };
    in
    self;

  nonEmptyListOf =
    elemType:
    let
      list = addCheck (listOf elemType) (l: l != [ ]);
    in
    list
    // {
      description = "non-empty ${phrase [ "noun" ] list}";
      emptyValue = { };
      substSubModules = m: nonEmptyListOf (elemType.substSubModules m);
    };

  attrsOf = elemType: attrsWith { inherit elemType; };
  # Looks at no value but the one asked for; so an attribute under a condition that is false still has its name there.
  lazyAttrsOf =
    elemType:
    attrsWith {
      inherit elemType;
      lazy = true;
    };
  attrsWith =
    {
      elemType,
      lazy ? false,
      placeholder ? "name",
    }:
    let
      check = coherent isAttrs;
      name = if lazy then "lazyAttrsOf" else "attrsOf";
      payload = { inherit elemType lazy placeholder; };
      self = mkOptionType {
        inherit name check;
        description = "${lib.optionalString lazy "lazy "}attribute set of ${phrase single elemType}";
        descriptionClass = "composite";
        merge = mergeV2 (
          { loc, defs }:
          let
            element = name: mergeDefinitions (loc ++ [ name ]) elemType;
            all = lib.zipAttrsWith element (
              map (
                def:
                mapAttrs (_: value: {
                  inherit (def) file;
                  inherit value;
                }) def.value
              ) defs
            );
            kept = if lazy then all else removeAttrs all (filter (n: !all.${n}.isDefined) (attrNames all));
          in
          {
            headError = checkDefsForError self loc defs;
            value = mapAttrs (_: valueOf) kept;
            valueMeta.attrs = mapAttrs (_: metaOf) kept;
          }
        );
        emptyValue.value = { };
        getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "<${placeholder}>" ]);
        inherit (elemType) getSubModules;
        substSubModules = m: attrsWith (payload // { elemType = elemType.substSubModules m; });
        functor =
          elemTypeFunctor "attrsWith" attrsWith payload
          // {
            binOp =
              a: b:
              let
                elemType = a.elemType.typeMerge b.elemType.functor;
                # The default name gives way to a chosen one.
                placeholder =
                  if a.placeholder == b.placeholder || b.placeholder == "name" then
                    a.placeholder
                  else if a.placeholder == "name" then
                    b.placeholder
                  else
                    null;
              in
              if elemType == null || placeholder == null || a.lazy != b.lazy then
                null
              else
                {
                  inherit elemType placeholder;
                  inherit (a) lazy;
                };
          };
        nestedTypes = { inherit elemType; };
      };
    in
    self;
  loaOf =
    elemType:
    attrsOf elemType
    // {
      name = "loaOf";
      deprecationMessage = "Mixing lists with attribute values is no longer possible; please use `types.attrsOf` instead. See https://github.com/NixOS/nixpkgs/issues/1800 for the motivation.";
      nestedTypes = { inherit elemType; };
    };
  # Sets of attributes whose order matters: lists of them, taken apart to sets of one attribute.
  attrListOf = elemType: attrListWith { inherit elemType; };
  attrListWith =
    {
      elemType,
      placeholder ? "name",
    }:
    let
      list = listOf (attrsWith { inherit elemType placeholder; });
      split = value: concatLists (map (set: lib.mapAttrsToList lib.nameValuePair set) value);
    in
    mkOptionType rec {
      name = "attrListOf";
      description = "attribute list of ${phrase single elemType}";
      descriptionClass = "composite";
      check = x: isAttrs x || (isList x && lib.all isAttrs x);
      merge =
        loc: defs:
        map (pair: { ${pair.name} = pair.value; }) (
          split (list.merge loc (map (def: def // { value = lib.toList def.value; }) defs))
        );
      emptyValue.value = [ ];
      getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "<${placeholder}>" ]);
      inherit (elemType) getSubModules;
      substSubModules = m: attrListWith { inherit placeholder; elemType = elemType.substSubModules m; };
      functor = elemTypeFunctor name attrListWith { inherit elemType placeholder; };
      nestedTypes = { inherit elemType; };
    };

  # Choices.

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
              headError.message = "The option `${showOption loc}` is defined both null and not null, in ${files defs}.";
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
        description = "${phrase joined left} or ${
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
            error = checkDefsForError self loc defs;
          in
          if l.headError == null then
            l
          else if r.headError == null then
            r
          else
            {
              headError = error;
              # Each is one of the two, but they are not all the same one.
              value = lib.mergeOneOption loc defs;
              valueMeta = { };
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
      throw "List passed to oneOf type is empty."
    else
      builtins.foldl' either (head types) (builtins.tail types);

  coercedTo =
    from: coerce: to:
    let
      coerced = v: if from.check v then coerce v else v;
      self = mkOptionType {
        name = "coercedTo";
        description = "${phrase [ "noun" ] to} or ${phrase [ "noun" ] from} convertible to it";
        check = coherent (x: (from.check x && to.check (coerce x)) || to.check x);
        merge = mergeV2 (
          { loc, defs }:
          let
            merged = checkAndMerge loc to (map (def: def // { value = coerced def.value; }) defs);
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

  functionTo =
    elemType:
    mkOptionType rec {
      name = "functionTo";
      description = "function that evaluates to a(n) ${phrase single elemType}";
      descriptionClass = "composite";
      check = lib.isFunction;
      merge = loc: defs: {
        # An argument may be left out only if all functions can do without.
        __functionArgs = mapAttrs (_: lib.all lib.id) (lib.zipAttrs (map (def: lib.functionArgs def.value) defs));
        __functor =
          _: args:
          (mergeDefinitions (loc ++ [ "<function body>" ]) elemType (
            map (def: {
              inherit (def) file;
              value = def.value args;
            }) defs
          )).mergedValue;
      };
      getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "<function body>" ]);
      inherit (elemType) getSubModules;
      substSubModules = m: functionTo (elemType.substSubModules m);
      functor = elemTypeFunctor name (p: functionTo p.elemType) { inherit elemType; };
      nestedTypes = { inherit elemType; };
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
          throw "In attrTag, each tag value must be an option, but tag ${tag} ${
            if option._type or null == "option-type" then
              "was a bare type, not wrapped in mkOption."
            else
              "was of type ${builtins.typeOf option}."
          }"
      ) tags;
    in
    mkOptionType rec {
      name = "attrTag";
      description = "attribute-tagged union${lib.optionalString (tags != { }) " with choices: ${choices}"}";
      descriptionClass = "noun";
      check = v: isAttrs v && length (attrNames v) == 1;
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
      nestedTypes = mapAttrs (_: option: option.type) tags;
      functor = defaultFunctor name // {
        payload = { inherit tags; };
        type = p: attrTag p.tags;
        binOp =
          a: b:
          let
            both = builtins.intersectAttrs a.tags b.tags;
            merged = mapAttrs (
              tag: option: option // { type = option.type.typeMerge b.tags.${tag}.type.functor; }
            ) (builtins.intersectAttrs both a.tags);
          in
          if lib.any (o: o.type == null) (builtins.attrValues merged) then null else { tags = a.tags // b.tags // merged; };
      };
    };

  # Anything, merged by what it is: sets by attribute, functions by result, all else must be equal.
  anything = mkOptionType {
    name = "anything";
    description = "anything";
    descriptionClass = "noun";
    check = _: true;
    merge =
      loc: defs:
      let
        kindOf = v: if isAttrs v && lib.isStringLike v then "stringCoercibleSet" else builtins.typeOf v;
        kind = kindOf (head defs).value;
      in
      if lib.any (def: kindOf def.value != kind) defs then
        throw "The option `${showOption loc}' has conflicting option types in ${files defs}"
      else if kind == "set" then
        (attrsOf anything).merge loc defs
      else if kind == "stringCoercibleSet" then
        lib.mergeOneOption loc defs
      else if kind == "lambda" then
        x: anything.merge (loc ++ [ "<function body>" ]) (map (def: def // { value = def.value x; }) defs)
      else
        lib.mergeEqualOption loc defs;
  };

  # Values that a format of data files can hold.
  serializableValueWith =
    {
      typeName,
      nullable ? true,
    }:
    let
      value =
        (if nullable then nullOr else lib.id) (oneOf [
          lib.types.bool
          lib.types.int
          lib.types.float
          lib.types.str
          lib.types.path
          (attrsOf value)
          (listOf value)
        ])
        // {
          description = "${typeName} value";
          descriptionClass = "noun";
        };
    in
    value;
  json = serializableValueWith { typeName = "JSON"; };
  toml = serializableValueWith {
    typeName = "TOML";
    nullable = false;
  };
}
