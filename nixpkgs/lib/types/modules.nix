# SPDX-License-Identifier: GPL-2.0-or-later
# Types whose values are sets of options of their own, modules for later use, types, and declarations.
{ lib }:

let
  inherit (builtins) isAttrs;
  inherit (lib.modules) checkDefsForError setDefaultModuleLocation;
  make = import ./make.nix { inherit lib; };
  inherit (make)
    coherent
    defaultFunctor
    mergeV2
    mkOptionType
    ;

  isModule = x: isAttrs x || lib.isFunction x || lib.types.path.check x;

  # Two declarations of one submodule option: what both say of the same matter must agree.
  agree =
    what: show: a: b:
    if a == b then
      a
    else if a == null then
      b
    else if b == null then
      a
    else
      throw "A submoduleWith option is declared multiple times with conflicting ${what}${
        lib.optionalString show " ${lib.generators.toPretty { } a} and ${lib.generators.toPretty { } b}."
      }";
in
rec {
  # Attributes of definitions are values of options; `config` and `options` are none.
  submodule =
    modules:
    submoduleWith {
      shorthandOnlyDefinesConfig = true;
      modules = lib.toList modules;
    };

  submoduleWith =
    {
      modules,
      specialArgs ? { },
      shorthandOnlyDefinesConfig ? false,
      description ? null,
      class ? null,
    }@attrs:
    let
      shorthand = shorthandOnlyDefinesConfig == true;
      toModule =
        { value, file, ... }:
        if isAttrs value && shorthand then
          {
            _file = file;
            config = value;
          }
        else
          setDefaultModuleLocation file value;

      # Without definitions; each value extends it.
      base = lib.evalModules {
        inherit class specialArgs;
        modules = [
          {
            # Overridden by each value's name.
            _module.args.name = lib.mkOptionDefault "‹name›";
          }
        ]
        ++ modules;
      };
      inherit (base._module) freeformType;

      self = mkOptionType {
        name = "submodule";
        description =
          if description != null then
            description
          else
            let
              inherit ((base.extendModules { modules = [ noCheckForDocsModule ]; })._module) freeformType;
            in
            if freeformType ? description then "open submodule of ${make.phrase [ "noun" "composite" ] freeformType}" else "submodule";
        check = coherent isModule;
        merge = mergeV2 (
          { loc, defs }:
          let
            configuration = base.extendModules {
              modules = [ { _module.args.name = lib.last loc; } ] ++ map toModule defs;
              prefix = loc;
            };
          in
          {
            headError = checkDefsForError self loc defs;
            value = configuration.config;
            valueMeta = { inherit configuration; };
          }
        );
        emptyValue.value = { };
        getSubOptions =
          prefix:
          let
            # Nothing is checked for documentation.
            docs = base.extendModules {
              inherit prefix;
              modules = [ noCheckForDocsModule ];
            };
            inherit (docs._module) freeformType;
          in
          docs.options
          // lib.optionalAttrs (freeformType != null) {
            # Not seen as an option itself, only for the documentation of the values.
            _freeformOptions = freeformType.getSubOptions prefix;
          };
        getSubModules = modules;
        substSubModules = m: submoduleWith (attrs // { modules = m; });
        nestedTypes = lib.optionalAttrs (freeformType != null) { inherit freeformType; };
        functor = defaultFunctor "submodule" // {
          type = submoduleWith;
          payload = {
            inherit
              modules
              specialArgs
              shorthandOnlyDefinesConfig
              description
              class
              ;
          };
          binOp =
            a: b:
            let
              shared = builtins.intersectAttrs a.specialArgs b.specialArgs;
            in
            {
              class = agree "class values" true a.class b.class;
              modules = a.modules ++ b.modules;
              specialArgs =
                if shared == { } then
                  a.specialArgs // b.specialArgs
                else
                  throw "A submoduleWith option is declared multiple times with the same specialArgs \"${toString (builtins.attrNames shared)}\"";
              shorthandOnlyDefinesConfig = agree "shorthandOnlyDefinesConfig values" false a.shorthandOnlyDefinesConfig b.shorthandOnlyDefinesConfig;
              description = agree "descriptions" false a.description b.description;
            };
        };
      };
    in
    self;

  # A module that is not evaluated here, but imported somewhere with all that was defined.
  deferredModule = deferredModuleWith { };
  deferredModuleWith =
    {
      staticModules ? [ ],
    }:
    mkOptionType {
      name = "deferredModule";
      description = "module";
      descriptionClass = "noun";
      check = isModule;
      merge = loc: defs: {
        imports =
          staticModules
          ++ map (def: setDefaultModuleLocation "${def.file}, via option ${lib.showOption loc}" def.value) defs;
      };
      inherit (submoduleWith { modules = staticModules; }) getSubOptions getSubModules;
      substSubModules = m: deferredModuleWith { staticModules = m; };
      functor = defaultFunctor "deferredModuleWith" // {
        type = deferredModuleWith;
        payload = { inherit staticModules; };
        binOp = a: b: { staticModules = a.staticModules ++ b.staticModules; };
      };
    };

  # Makes the manual of a submodule possible whose options need arguments that only real values have.
  noCheckForDocsModule = {
    _file = "<built-in module that disables checks for the purpose of documentation generation>";
    config._module.check = lib.mkForce false;
  };

  # Types as values: several definitions merge as declarations would.
  optionType = mkOptionType {
    name = "optionType";
    description = "optionType";
    descriptionClass = "noun";
    check = make.isOptionType;
    merge =
      loc: defs:
      let
        decl = def: {
          _file = def.file;
          options = lib.mkOption { type = def.value; };
        };
      in
      if builtins.length defs == 1 then
        (builtins.head defs).value
      else
        (lib.modules.fixupOptionType loc (lib.modules.mergeOptionDecls loc (map decl defs))).type;
  };
  optionDeclaration = mkOptionType {
    name = "optionDeclaration";
    description = "option declaration";
    descriptionClass = "noun";
    check = lib.isOption;
    merge = lib.mergeOneOption;
  };
}
