# SPDX-License-Identifier: GPL-2.0-or-later
# Making types: the attributes every type has, how the types of two declarations merge, how descriptions nest.
{ lib }:

rec {
  isType = kind: value: (value._type or "") == kind;
  setType = kind: value: value // { _type = kind; };
  isOptionType = isType "option-type";

  mkOptionType =
    {
      # A short word, the same for all types that can merge.
      name,
      # What a person reads in messages and manuals.
      description ? null,
      # The grammar of the description: noun, conjunction, composite or nonRestrictiveClause.
      descriptionClass ? null,
      deprecationMessage ? null,
      # Whether one value is of the type; not what is inside of it.
      check ? (_: true),
      merge ? lib.mergeDefaultOption,
      # { value = ...; } stands for no definition at all.
      emptyValue ? { },
      # The options that values of the type have inside, for the manual.
      getSubOptions ? (_: { }),
      getSubModules ? null,
      substSubModules ? (_: null),
      typeMerge ? defaultTypeMerge functor,
      # { name, type, payload, binOp }: how to make the type again from what two payloads merge to.
      functor ? defaultFunctor name,
      nestedTypes ? { },
    }:
    {
      _type = "option-type";
      inherit
        name
        check
        merge
        emptyValue
        getSubOptions
        getSubModules
        substSubModules
        typeMerge
        functor
        deprecationMessage
        nestedTypes
        descriptionClass
        ;
      description = if description == null then name else description;
    };

  defaultFunctor = name: {
    inherit name;
    type = lib.types.${name} or null;
    wrapped = null;
    payload = null;
    binOp = _: _: null;
  };

  defaultTypeMerge =
    f: f':
    let
      payload = f.binOp f.payload f'.payload;
      wrapped = f.wrapped.typeMerge f'.wrapped.functor;
    in
    if f.name != f'.name then
      null
    else if f.payload or null != null && f'.payload or null != null then
      if payload == null then null else f.type payload
    else if f.wrapped or null != null && f'.wrapped or null != null then
      if wrapped == null then null else f.type wrapped
    else if f.payload or null == null && f'.payload or null == null && f.wrapped or null == null && f'.wrapped or null == null then
      f.type
    else
      null;

  # The functor of a type made of one other; `make` makes it from { elemType }.
  elemTypeFunctor =
    name: make: payload:
    defaultFunctor name
    // {
      inherit payload;
      type = make;
      # Of old.
      wrapped = lib.warn "The deprecated `functor.wrapped` attribute is accessed, use `nestedTypes.elemType` instead." payload.elemType;
      binOp =
        a: b:
        let
          elemType = a.elemType.typeMerge b.elemType.functor;
        in
        if elemType == null then null else a // { inherit elemType; };
    };

  # A functor whose payloads must be equal.
  equalFunctor =
    name: make: payload:
    defaultFunctor name
    // {
      inherit payload;
      type = make;
      binOp = a: b: if a == b then a else null;
    };

  mergeTypes =
    a: b:
    let
      merged = a.typeMerge b.functor;
    in
    if isOptionType a && isOptionType b && merged != null then
      merged
    else
      setType "merge-error" {
        error = "Cannot merge types";
      };

  # A description within another, in parentheses unless its class is one that reads well there.
  optionDescriptionPhrase =
    fits: type: if fits (type.descriptionClass or null) then type.description else "(${type.description})";
  phrase = classes: optionDescriptionPhrase (class: builtins.elem class classes);

  # A check for types that merge by v2: `type // { check = ...; }` is noticed by its absence.
  coherent = check: {
    __functor = _: check;
    isV2MergeCoherent = true;
  };
  # The merge of a type that merges by v2, callable as loc: defs: as well.
  mergeV2 = v2: {
    __functor =
      self: loc: defs:
      (self.v2 { inherit loc defs; }).value;
    inherit v2;
  };

  # A type with a further condition on its values.
  addCheck =
    type: check:
    let
      both = x: type.check x && check x;
    in
    if type.merge ? v2 then
      let
        checked = type // {
          check = coherent both;
          merge = mergeV2 (
            { loc, defs }:
            let
              merged = lib.modules.checkAndMerge loc type defs;
              error = lib.modules.checkDefsForError checked loc defs;
            in
            merged // { headError = if merged.headError != null then merged.headError else error; }
          );
        };
      in
      checked
    else
      type // { check = both; };
}
