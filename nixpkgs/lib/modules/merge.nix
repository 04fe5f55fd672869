# SPDX-License-Identifier: GPL-2.0-or-later
# Declarations and definitions of all modules, merged name by name into a tree of options with values. This is where
# an evaluation spends its time, so each step looks at every declaration and definition once, and at none that nobody
# asks for.
{ lib }:

let
  inherit (builtins)
    addErrorContext
    all
    attrNames
    concatMap
    filter
    foldl'
    head
    isAttrs
    length
    mapAttrs
    removeAttrs
    tail
    ;
  inherit (lib) showOption zipAttrsWith;
  inherit (lib.modules)
    defaultOverridePriority
    dischargeProperties
    filterOverrides'
    pushDownProperties
    sortProperties
    ;
  errors = import ./errors.nix { inherit lib; };

  noMeta = { };

  # One definition as a list of { file, value } without conditions.
  discharge =
    def:
    let
      inherit (def) value;
      kind = value._type or null;
    in
    if kind == null || kind == "override" || kind == "order" then
      [ def ]
    else
      map (
        v:
        if v._type or null == "definition" then
          {
            inherit (v) file value;
          }
        else
          def // { value = v; }
      ) (addErrorContext "while evaluating definitions from `${def.file}':" (dischargeProperties value));

  isOptionDecl =
    loc: decl:
    decl.options ? _type
    && (
      decl.options._type == "option"
      || throw (errors.notADeclaration loc decl._file (
        if builtins.isString decl.options._type then decl.options._type else "<${builtins.typeOf decl.options._type}>"
      ))
    );

  # A set of options where others declare a submodule, as one more module of it.
  asSubmodule =
    decl:
    if decl.options._type or null == "option" then
      decl
    else
      decl
      // {
        options = lib.mkOption {
          type = lib.types.submoduleWith {
            modules = [ { inherit (decl) options; } ];
            shorthandOnlyDefinesConfig = null;
          };
        };
      };

  # What all declarations of the options at one level say, by name.
  declarationsByName =
    prefix: modules:
    let
      named =
        m:
        if !isAttrs m.options then
          throw (errors.declarationNotASet prefix m._file (builtins.typeOf m.options))
        else
          mapAttrs (name: options: {
            inherit (m) _file;
            inherit options;
            from = m.options;
          }) m.options;
    in
    zipAttrsWith (_: decls: decls) (map named modules);

  # The same of definitions.
  definitionsByName =
    prefix: configs:
    let
      named =
        c:
        if !isAttrs c.config then
          throw (errors.definitionNotASet prefix c.file c.config)
        else
          mapAttrs (name: value: {
            inherit (c) file;
            inherit value;
            pos = lib.options.positionIn { inherit (c) file; value = c.config; } name;
          }) c.config;
    in
    zipAttrsWith (_: defs: defs) (map named configs);

  # Where an option is declared, as far as is known.
  positionsOf =
    loc: decl:
    let
      pos = builtins.unsafeGetAttrPos (lib.last loc) decl.from;
    in
    if decl ? from && pos != null then
      [ pos ]
    else
      [
        {
          file = decl._file;
          line = null;
          column = null;
        }
      ];

  # An option of its only declaration.
  fromDecl =
    loc: decl:
    decl.options
    // {
      inherit loc;
      declarations = [ decl._file ];
      declarationPositions = positionsOf loc decl;
      options = [ ];
      type = decl.options.type or lib.types.unspecified;
    };
in
rec {
  # { matchedOptions; unmatchedDefns; undeclared; } of whole modules.
  mergeModules =
    prefix: modules:
    mergeModules' prefix modules (
      concatMap (
        m:
        map (config: {
          file = m._file;
          inherit config;
        }) (pushDownProperties m.config)
      ) modules
    );

  mergeModules' =
    prefix: modules: configs:
    let
      decls = declarationsByName prefix modules;
      defs = definitionsByName prefix configs;

      results = mapAttrs (
        name: decls:
        let
          loc = prefix ++ [ name ];
          raw = defs.${name} or [ ];
          options = filter (isOptionDecl loc) decls;
          one = head decls;
          option = opt: {
            matchedOptions = evalOptionValue loc opt raw;
            unmatchedDefns = [ ];
            undeclared = null;
          };
          merged = decls: fixupOptionType loc (mergeOptionDecls loc decls);
        in
        if tail decls == [ ] && isOptionDecl loc one then
          # Nearly every option: nothing to merge, and no submodule.
          option (if one.options.type.getSubModules or null == null then fromDecl loc one else merged decls)
        else if length options == length decls then
          option (merged decls)
        else if options == [ ] then
          mergeModules' loc decls (
            concatMap (
              def:
              map (config: {
                inherit (def) file;
                inherit config;
              }) (pushDownProperties def.value)
            ) raw
          )
        else if all (d: d.options.type.name or null == "submodule") options then
          option (merged (map asSubmodule decls))
        else
          throw (
            errors.parentOfOptions loc (head (filter (d: d.options.type.name or null != "submodule") options)) (
              filter (d: d.options._type or null != "option") decls
            )
          )
      ) decls;

      undeclared = attrNames (removeAttrs defs (attrNames decls));
      here = concatMap (
        name:
        concatMap (
          c:
          if c.config ? ${name} then
            [
              {
                inherit (c) file;
                value = c.config.${name};
                prefix = [ name ];
                pos = builtins.unsafeGetAttrPos name c.config;
              }
            ]
          else
            [ ]
        ) configs
      ) undeclared;
      below = concatMap (
        name: map (def: def // { prefix = [ name ] ++ def.prefix; }) results.${name}.unmatchedDefns
      ) (attrNames results);
    in
    {
      matchedOptions = mapAttrs (_: r: r.matchedOptions) results;
      # Where nothing is defined, nothing need be looked at.
      unmatchedDefns = if configs == [ ] then [ ] else below ++ here;
      # The same as a tree that is looked at level by level: `here` are definitions by name, `below` the levels of sets of options.
      undeclared = {
        here = removeAttrs defs (attrNames decls);
        below = mapAttrs (_: r: r.undeclared) results;
      };
    };

  # Several declarations of one option as one.
  mergeOptionDecls =
    loc: decls:
    let
      submodulesOf =
        decl:
        let
          modules = decl.options.type.getSubModules or null;
        in
        if modules == null then [ ] else map (lib.modules.setDefaultModuleLocation decl._file) modules;
      add =
        res: decl:
        let
          opt = decl.options;
          both = name: opt ? ${name} && res ? ${name};
          type = if opt ? type && res ? type then res.type.typeMerge opt.type.functor else null;
          twice = both "default" || both "example" || both "description" || both "apply";
        in
        if twice then
          throw (errors.declaredTwice loc decl._file res.declarations)
        else if both "type" && type == null then
          throw (errors.declaredTwiceOtherType loc decl._file opt.type res.declarations res.type)
        else
          opt
          // res
          // {
            declarations = res.declarations ++ [ decl._file ];
            declarationPositions = res.declarationPositions ++ positionsOf loc decl;
            options = submodulesOf decl ++ res.options;
          }
          // (if type != null then { inherit type; } else { });
      first = head decls;
    in
    foldl' add (
      removeAttrs (fromDecl loc first) (if first.options ? type then [ ] else [ "type" ]) // { options = submodulesOf first; }
    ) (tail decls);

  # Submodules get the modules that all declarations contribute.
  fixupOptionType =
    _: opt:
    if opt.type.getSubModules or null == null then
      opt // { type = opt.type or lib.types.unspecified; }
    else
      opt
      // {
        type = opt.type.substSubModules opt.options;
        options = [ ];
      };

  evalOptionValue =
    loc: opt: defs:
    let
      withDefault =
        if opt ? default then
          [
            {
              file = head opt.declarations;
              value = lib.mkOptionDefault opt.default;
            }
          ]
          ++ defs
        else
          defs;
      merged =
        if opt.readOnly or false && length withDefault > 1 then
          throw (
            errors.readOnly loc (
              map (def: def // { value = (mergeDefinitions loc opt.type [ def ]).mergedValue; }) withDefault
            )
          )
        else
          mergeDefinitions loc opt.type withDefault;
      value = if opt ? apply then opt.apply merged.mergedValue else merged.mergedValue;
      result = opt // {
        value = addErrorContext "while evaluating the option `${showOption loc}':" value;
        inherit (merged.defsFinal') highestPrio;
        inherit (merged) isDefined;
        inherit (merged.checkedAndMerged) valueMeta;
        definitions = map (def: def.value) merged.defsFinal;
        files = map (def: def.file) merged.defsFinal;
        definitionsWithLocations = map (def: removeAttrs def [ "pos" ]) merged.defsFinal;
        __toString = _: showOption loc;
      };
      inherit (opt.type) deprecationMessage;
    in
    if opt.type.deprecationMessage or null == null then
      result
    else
      lib.warn "The type `types.${opt.type.name}' of option `${showOption loc}' defined in ${lib.options.showFiles opt.declarations} is deprecated. ${deprecationMessage}" result;

  # The definitions of one option, reduced to those that count, checked and merged by its type.
  mergeDefinitions =
    loc: type: defs:
    let
      discharged = concatMap discharge defs;
      first = head discharged;
      kind = first.value._type or null;
      # Nearly all options have one definition or just their default.
      overridden =
        if discharged == [ ] || tail discharged != [ ] then
          filterOverrides' discharged
        else if kind == "override" then
          {
            values = [ (first // { value = first.value.content; }) ];
            highestPrio = first.value.priority;
          }
        else
          {
            values = discharged;
            highestPrio = defaultOverridePriority;
          };
      defsFinal' =
        if lib.any (def: def.value._type or null == "order") overridden.values then
          overridden // { values = sortProperties overridden.values; }
        else
          overridden;
      defsFinal = defsFinal'.values;
      isDefined = defsFinal != [ ];
      # A type may know a value for no definition: it is merged as if somebody had defined it.
      effective =
        if isDefined then
          defsFinal
        else if type.emptyValue ? value then
          [
            {
              file = lib.options.unknownModule;
              inherit (type.emptyValue) value;
            }
          ]
        else
          throw (errors.notDefined loc);
      checkedAndMerged = checkAndMerge loc type effective;
      mergedValue =
        if checkedAndMerged.headError == null then
          checkedAndMerged.value
        else
          # By the type's present name: `type // { description = ...; }` is a type, too.
          throw (
            errors.wrongType loc type (checkedAndMerged.headError.invalid or effective) (
              if type.merge ? v2 && type.name != "nullOr" then checkedAndMerged.headError.message else null
            )
          );
    in
    {
      inherit
        checkedAndMerged
        defsFinal'
        defsFinal
        isDefined
        mergedValue
        ;
      optionalValue = if isDefined then { value = mergedValue; } else { };
    };

  # { headError, value, valueMeta } of definitions under a type: headError is null or { message; }, with `invalid` where
  # the definitions in it are not of the type.
  checkAndMerge =
    loc: type: defs:
    if type.merge ? v2 then
      if type.check.isV2MergeCoherent or false then
        let
          merged = type.merge.v2 { inherit loc defs; };
        in
        merged // { valueMeta = merged.valueMeta // { _internal = { inherit type; }; }; }
      else
        throw (errors.adHocCheck loc type)
    else
      {
        headError = checkDefsForError type loc defs;
        value = type.merge loc defs;
        valueMeta = noMeta;
      };

  checkDefsForError =
    type: loc: defs:
    let
      invalid = filter (def: !type.check def.value) defs;
    in
    if all (def: type.check def.value) defs then
      null
    else
      {
        inherit invalid;
        message = "Definition values: ${lib.options.showDefs invalid}";
      };

  # For an attrsOf option: each attribute's value and the priority it has.
  mergeAttrDefinitionsWithPrio =
    opt:
    let
      byName = zipAttrsWith (_: defs: defs) (
        concatMap (
          def: map (mapAttrs (_: value: def // { inherit value; })) (pushDownProperties def.value)
        ) opt.definitionsWithLocations
      );
      merge =
        name: defs:
        let
          merged = mergeDefinitions (opt.loc ++ [ name ]) opt.type.nestedTypes.elemType defs;
        in
        {
          value = merged.mergedValue;
          inherit (merged.defsFinal') highestPrio;
        };
    in
    if
      !builtins.elem opt.type.name [
        "attrsOf"
        "lazyAttrsOf"
      ]
    then
      throw "mergeAttrDefinitionsWithPrio: the option `${showOption opt.loc}' is not of type attrsOf"
    else
      mapAttrs merge byName;

  # Of old: the configuration of modules whose undeclared definitions are of no interest.
  fixMergeModules =
    modules: args:
    lib.evalModules {
      inherit modules args;
      check = false;
    };
}
