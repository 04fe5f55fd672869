# SPDX-License-Identifier: GPL-2.0-or-later
# Types that hold others: lists, attribute sets, functions, anything, data of file formats.
{ lib }:

let
  inherit (builtins)
    attrNames
    concatLists
    filter
    head
    isAttrs
    isList
    mapAttrs
    ;
  inherit (lib) showOption;
  inherit (lib.modules) checkDefsForError mergeDefinitions;
  inherit (lib.options) showFiles;
  make = import ./make.nix { inherit lib; };
  inherit (make)
    addCheck
    coherent
    elemTypeFunctor
    mergeV2
    mkOptionType
    phrase
    ;

  single = [
    "noun"
    "composite"
  ];

  files = defs: showFiles (map (def: def.file) defs);
  isDefined = merged: merged.isDefined;
  # What a merge of one element gives, or what the element's type has for none.
  valueOf = merged: merged.mergedValue;
  metaOf = merged: merged.checkedAndMerged.valueMeta;
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
                (def // { inherit value; })
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
                mapAttrs (name: value: {
                  inherit (def) file;
                  inherit value;
                  pos = lib.options.positionIn def name;
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

  # Functions, merged by what they return.
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
        (if nullable then lib.types.nullOr else lib.id) (lib.types.oneOf [
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
