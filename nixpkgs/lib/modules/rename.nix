# SPDX-License-Identifier: GPL-2.0-or-later
# Options that are called something else now, that are gone, or whose definitions another option takes over.
{ lib }:

let
  inherit (lib)
    getAttrFromPath
    isOption
    mkIf
    mkMerge
    mkOption
    mkOverride
    optionalAttrs
    setAttrByPath
    showOption
    ;
  inherit (lib.options) showFiles;
  inherit (lib.modules) defaultOverridePriority;

  unset = "_mkMergedOptionModule";
  ifDefined = option: mkIf (isOption option && option.isDefined);
in
rec {
  # Definitions of one option, for another.

  mkAliasIfDef = lib.warn "Usage of 'mkAliasIfDef' has been deprecated. Use 'mkIf option.isDefined' instead." ifDefined;
  mkAliasDefinitions = mkAliasAndWrapDefinitions lib.id;
  mkAliasAndWrapDefinitions = wrap: option: ifDefined option (wrap (mkMerge option.definitions));
  # The priority goes along.
  mkAliasAndWrapDefsWithPriority =
    wrap: option:
    ifDefined option (
      wrap (mkMerge (map (mkOverride (option.highestPrio or defaultOverridePriority)) option.definitions))
    );
  mkDerivedConfig = option: f: mkOverride (option.highestPrio or defaultOverridePriority) (f option.value);

  # Renaming and aliases.

  doRename =
    {
      from,
      to,
      visible,
      warn,
      use,
      withPriority ? true,
      condition ? true,
    }:
    { config, options, ... }:
    let
      fromOpt = getAttrFromPath from options;
      target = lib.attrByPath to null options;
      value = lib.attrByPath to (abort "Renaming error: option `${showOption to}' does not exist.") config;
      alias = if withPriority then mkAliasAndWrapDefsWithPriority else mkAliasAndWrapDefinitions;
    in
    {
      options = setAttrByPath from (
        mkOption {
          inherit visible;
          description = "Alias of {option}`${showOption to}`.";
          apply = _: use value;
          # A set of options takes what a submodule does.
          type = target.type or (lib.types.submodule { });
        }
      );
      config = mkIf condition (mkMerge [
        (optionalAttrs (options ? warnings) {
          warnings =
            lib.optional (warn && fromOpt.isDefined)
              "The option `${showOption from}' defined in ${showFiles fromOpt.files} has been renamed to `${showOption to}'.";
        })
        (alias (setAttrByPath to) fromOpt)
      ]);
    };

  mkRenamedOptionModule =
    from: to:
    doRename {
      inherit from to;
      visible = false;
      warn = true;
      use = builtins.trace "Obsolete option `${showOption from}' is used. It was renamed to `${showOption to}'.";
    };
  # Warns only when all supported releases have the new name.
  mkRenamedOptionModuleWith =
    {
      from,
      to,
      sinceRelease,
    }:
    let
      old = lib.oldestSupportedReleaseIsAtLeast sinceRelease;
    in
    doRename {
      inherit from to;
      visible = false;
      warn = old;
      use = if old then builtins.trace "Obsolete option `${showOption from}' is used. It was renamed to `${showOption to}'." else lib.id;
    };
  mkAliasOptionModule =
    from: to:
    doRename {
      inherit from to;
      visible = true;
      warn = false;
      use = lib.id;
    };
  mkAliasOptionModuleMD = lib.warn "mkAliasOptionModuleMD is deprecated and will be removed in 26.05; please use mkAliasOptionModule." mkAliasOptionModule;

  # Removed and changed options.

  mkRemovedOptionModule =
    path: instructions:
    { options, ... }:
    let
      opt = getAttrFromPath path options;
    in
    {
      options = setAttrByPath path (mkOption {
        visible = false;
        apply =
          _:
          throw "The option `${showOption path}' can no longer be used since it's been removed. ${instructions}";
      });
      config.assertions = [
        {
          assertion = !opt.isDefined;
          message = "The option definition `${showOption path}' in ${showFiles opt.files} no longer has any effect; please remove it.\n${instructions}";
        }
      ];
    };

  # The old options' values become the new one's through a function of config.
  mkMergedOptionModule =
    from: to: f:
    { config, options, ... }:
    let
      isSet = path: getAttrFromPath path config != unset;
      warning =
        path:
        lib.optional (isSet path) "The option `${showOption path}' defined in ${
          showFiles (getAttrFromPath path options).files
        } has been changed to `${showOption to}' that has a different type. Please read `${showOption to}' documentation and update your configuration accordingly.";
    in
    {
      options = builtins.foldl' lib.recursiveUpdate { } (
        map (
          path:
          setAttrByPath path (mkOption {
            visible = false;
            # No value that anybody would set.
            default = unset;
          })
        ) from
      );
      config = {
        warnings = builtins.concatMap warning from;
      }
      // setAttrByPath to (mkMerge (lib.optional (lib.any isSet from) (f config)));
    };
  mkChangedOptionModule =
    from: to: f:
    mkMergedOptionModule [ from ] to f;
}
