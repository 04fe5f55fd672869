# SPDX-License-Identifier: GPL-2.0-or-later
# evalModules: a set of modules evaluated to options and their values, which can be extended and used as a type.
{ lib }:

let
  inherit (builtins)
    addErrorContext
    mapAttrs
    removeAttrs
    seq
    ;
  inherit (lib) mkOption types;
  inherit (lib.modules) collectModules mergeModules;
  errors = import ./errors.nix { inherit lib; };

  # The options of the module system itself, in every evaluation.
  internalModule =
    {
      prefix,
      check,
      specialArgs,
      extendModules,
      type,
    }:
    {
      _file = "lib/modules.nix";
      key = "lib/modules.nix";
      options._module = {
        args = mkOption {
          type = types.lazyAttrsOf types.raw;
          internal = prefix != [ ];
          description = ''
            Additional arguments passed to each module in addition to ones
            like `lib`, `config`, and `pkgs`, `modulesPath`.

            They can be used in `config` and `options`, but not in `imports`: those need `specialArgs`.
          '';
        };
        check = mkOption {
          type = types.bool;
          internal = true;
          default = check;
          description = "Whether to check whether all option definitions have matching declarations.";
        };
        freeformType = mkOption {
          type = types.nullOr types.optionType;
          internal = true;
          default = null;
          description = "The type of all definitions that no option is declared for; null if there must be none.";
        };
        specialArgs = mkOption {
          type = types.lazyAttrsOf types.raw;
          internal = true;
          readOnly = true;
          description = "The arguments that were given to this evaluation from outside.";
        };
      };
      config._module = {
        args = {
          inherit extendModules;
          moduleType = type;
        };
        inherit specialArgs;
      };
    };

  # The values of a tree of options.
  valuesOf = mapAttrs (_: v: if v._type or null == "option" then v.value else valuesOf v);

  # The same where a free-form type says what undeclared definitions come to (its `undeclared` is { mistakes; merge; defaults; }):
  # nothing is looked at but the level that is asked for, so that a condition may depend on any other part of `config`.
  valuesWithUndeclared =
    rules: path: defaults: options: undeclared:
    let
      values = mapAttrs (
        name: v:
        if v._type or null == "option" then
          v.value
        else
          valuesWithUndeclared rules (path ++ [ name ]) (defaults.${name} or { }) v undeclared.below.${name}
      ) options;
      free = mapAttrs (
        name: defs: rules.merge (path ++ [ name ]) (defaults.${name} or { }) (map (def: { inherit (def) file value; }) defs)
      ) undeclared.here;
    in
    defaults // free // values;

  recursionHint = "if you get an infinite recursion here, you probably reference `config` in `imports`. If you are trying to achieve a conditional import behavior dependent on `config`, consider importing unconditionally, and using `mkEnableOption` and `mkIf` to control its effect. The same holds where the names that a module defines depend on `config`: write `config = mkIf condition { ... };`, not `config = optionalAttrs condition { ... };` or `if`.";
in
{
  evalModules =
    {
      modules,
      prefix ? [ ],
      # Arguments of all modules that even `imports` can depend on.
      specialArgs ? { },
      class ? null,
      # Deprecated: _module.args and _module.check do the same.
      args ? { },
      check ? true,
    }@evalArgs:
    let
      legacy = lib.optional (evalArgs ? args) { config._module.args = args; };
      collected = collectModules class (specialArgs.modulesPath or "") (
        modules
        ++ legacy
        ++ [
          (internalModule {
            inherit
              prefix
              check
              specialArgs
              extendModules
              type
              ;
          })
        ]
      ) (
        {
          inherit
            lib
            options
            specialArgs
            ;
          _class = class;
          _prefix = prefix;
          config = addErrorContext recursionHint config;
        }
        // specialArgs
      );
      merged = mergeModules prefix (lib.reverseList collected.modules);
      options = merged.matchedOptions;
      declared = valuesOf options;
      inherit (declared._module) freeformType;

      freeform = freeformType.merge prefix (
        map (def: {
          inherit (def) file;
          pos = def.pos or null;
          value = lib.setAttrByPath def.prefix def.value;
        }) merged.unmatchedDefns
      );
      rules = freeformType.undeclared or null;
      config =
        if freeformType == null then
          declared
        else if rules != null then
          valuesWithUndeclared rules [ ] rules.defaults (removeAttrs options [ "_module" ]) merged.undeclared
          // {
            _module = declared._module // {
              undeclared = map (def: def.prefix) merged.unmatchedDefns;
              undeclaredDefinitions = merged.unmatchedDefns;
            };
          }
        else if merged.unmatchedDefns == [ ] then
          declared
        else
          lib.recursiveUpdate freeform declared;

      mistakes =
        if freeformType == null then
          merged.unmatchedDefns
        else if rules != null then
          builtins.concatMap (rules.mistakes options) merged.unmatchedDefns
        else
          [ ];
      checkUnmatched =
        if declared._module.check && mistakes != [ ] then
          throw (errors.undeclaredOption prefix options mistakes)
        else
          null;
      checked = seq checkUnmatched;

      extendModules =
        {
          modules ? [ ],
          specialArgs ? { },
          prefix ? [ ],
        }@extension:
        lib.evalModules (
          evalArgs
          // {
            inherit class;
            modules = evalArgs.modules ++ modules;
            specialArgs = evalArgs.specialArgs or { } // specialArgs;
            prefix = extension.prefix or evalArgs.prefix or [ ];
          }
        );
      type = types.submoduleWith {
        inherit modules specialArgs class;
      };

      warn =
        name: value:
        if evalArgs ? ${name} then
          lib.warn "The ${name} argument to evalModules is deprecated. Please set config._module.${name} instead." value
        else
          value;
    in
    warn "args" (
      warn "check" {
        _type = "configuration";
        inherit class extendModules type;
        inherit (collected) graph;
        options = checked options;
        config = checked (removeAttrs config [ "_module" ]);
        _module = checked config._module;
      }
    );
}
