# SPDX-License-Identifier: GPL-2.0-or-later
# nixpkgs.*: which package set the system is made from, and how it is configured.
{ config, options, lib, ... }:
let
  cfg = config.nixpkgs;
  inherit (lib) mkOption types;

  # Sets merge to any depth; packageOverrides of several modules are applied one after the other.
  mergeConfig = old: new:
    lib.recursiveUpdate old new
    // lib.optionalAttrs (old ? packageOverrides && new ? packageOverrides) {
      packageOverrides = pkgs: old.packageOverrides pkgs // new.packageOverrides pkgs;
    };
  resolve = value: if builtins.isFunction value then value { inherit lib; pkgs = finalPkgs; } else value;
  configType = lib.mkOptionType {
    name = "nixpkgs-config";
    description = "nixpkgs config";
    check = value: builtins.isAttrs value || builtins.isFunction value;
    merge = _: defs: builtins.foldl' (all: def: mergeConfig all (resolve def.value)) { } defs;
  };
  overlayType = lib.mkOptionType {
    name = "nixpkgs-overlay";
    description = "nixpkgs overlay";
    check = builtins.isFunction;
    merge = lib.mergeOneOption;
  };

  system = if options.nixpkgs.hostPlatform.isDefined then cfg.hostPlatform else null;
  build = if options.nixpkgs.buildPlatform.isDefined then cfg.buildPlatform else system;
  platformArgs =
    if system != null then
      { localSystem = build; crossSystem = if system == build then null else system; }
    else { localSystem = cfg.localSystem; inherit (cfg) crossSystem; };

  ownPkgs = import ../../.. ({ inherit (cfg) config overlays; } // platformArgs);
  finalPkgs =
    if options.nixpkgs.pkgs.isDefined then
      (if cfg.overlays == [ ] then cfg.pkgs else cfg.pkgs.appendOverlays cfg.overlays)
    else ownPkgs;
  foreign = import ./foreign-packages.nix;
  # A tool for shells is the distribution's in here, unless an overlay has one of that name.
  forModules = name: _: if finalPkgs.${name}.isShellTool or false then foreign.missing name else finalPkgs.${name};
  platformType = types.either types.str (types.attrsOf types.anything);
  normal = platform: if builtins.isString platform then { system = platform; } else platform;
in
{
  options.nixpkgs = {
    pkgs = mkOption { type = types.raw; description = "The package set itself; then only overlays of the options below count."; };
    config = mkOption { type = configType; default = { }; description = "Configuration of the package set: allowUnfree, packageOverrides, ..."; };
    overlays = mkOption { type = types.listOf overlayType; default = [ ]; description = "Overlays: functions of the final and the previous package set."; };
    system = mkOption { type = types.str; default = builtins.currentSystem or (throw "neither nixpkgs.hostPlatform nor nixpkgs.system is set, and evaluation is pure: nixpkgs.hostPlatform = \"x86_64-linux\"; says what it is for"); defaultText = "builtins.currentSystem"; description = "The system that it is for (older name of hostPlatform)."; };
    localSystem = mkOption { type = platformType; default = { inherit (cfg) system; }; apply = normal; description = "The system that builds."; };
    crossSystem = mkOption { type = types.nullOr platformType; default = null; apply = p: if p == null then null else normal p; description = "The system that it is for, if not the one that builds."; };
    hostPlatform = mkOption { type = platformType; apply = normal; description = "The system that it is for."; };
    buildPlatform = mkOption { type = platformType; apply = normal; description = "The system that builds."; };
    flake = mkOption { type = types.raw; default = { }; visible = false; };
  };
  config._module.args.pkgs = foreign.packages // finalPkgs // builtins.mapAttrs forModules (import ../../../pkgs/shell-tools.nix);
}
