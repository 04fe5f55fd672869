# SPDX-License-Identifier: GPL-2.0-or-later
# The embedded package set, found as <nixpkgs>. `import <nixpkgs> { }` gives a fixpoint: the base layers below, then
# config.packageOverrides, then the overlays, each a function `final: previous: { ... }`.
#
#   system, localSystem   where things are built (and run, without crossSystem)
#   crossSystem           what things are built for: a set of lib.systems.examples or a triple
#   config                allowUnfree, allowBroken, packageOverrides, ...: a set or a function of the package set
#   overlays              list of overlays; by default those of <nixpkgs-overlays> and ~/.config/nixpkgs
{ localSystem ? { system = args.system or builtins.currentSystem; }
, system ? localSystem.system
, crossSystem ? null
, config ? (import ./impure.nix).config
, overlays ? (import ./impure.nix).overlays
, crossOverlays ? [ ]
, ...
}@args:
let
  lib = import ./lib;

  buildPlatform = lib.systems.elaborate localSystem;
  hostPlatform =
    if crossSystem == null then buildPlatform else lib.systems.elaborate crossSystem;
  isCross = crossSystem != null && hostPlatform.config != buildPlatform.config;

  configSet =
    let given = if builtins.isPath config || builtins.isString config then import config else config;
    in if builtins.isFunction given then given { inherit pkgs lib; } else given;

  # The same set for another target; everything that was given is kept.
  setFor = more: import ./. ({ inherit localSystem overlays crossOverlays; config = configSet; } // more);

  base = final: {
    inherit lib;
    # What the evaluator adds to `attribute 'NAME' missing'.
    __missing = name:
      let text = import ./linux/elsewhere.nix { inherit lib; } name;
      in if text != null then text
        else "This package set has kernels, their modules and what builds them: other packages are the distribution's (apt-get install), or one's own (pkgs.callPackage ./${name}.nix { }).";
    inherit (final.stdenv) system buildPlatform hostPlatform targetPlatform;
    config = configSet;
    path = ./.;
    inherit overlays;
    pkgs = final;
    __splicedPackages = final;

    callPackage = lib.callPackageWith final;
    callPackages = lib.callPackagesWith final;
    newScope = extra: lib.callPackageWith (final // extra);
    inherit (lib) recurseIntoAttrs dontRecurseIntoAttrs makeOverridable;
    inherit (lib.meta) hiPrio lowPrio lowPrioSet setPrio hiPrioSet appendToName addMetaAttrs dontDistribute;
    makeScope = lib.makeScope;
    makeScopeWithSplicing = _: lib.makeScope;

    # Tools run where things are built. No package but kernels, modules and compilers is built for another machine.
    buildPackages = if isCross then setFor { crossSystem = null; } else final;
    pkgsBuildBuild = final.buildPackages;
    pkgsBuildHost = final.buildPackages;
    pkgsHostTarget = final;
    targetPackages = final;

    pkgsCross = builtins.mapAttrs (_: crossSystem: setFor { inherit crossSystem; }) lib.systems.examples;
    appendOverlays = more: if more == [ ] then final else setFor { inherit crossSystem; overlays = overlays ++ more; };
    extend = overlay: final.appendOverlays [ overlay ];

    # A NixOS-style system around this very package set.
    nixos = configuration:
      let
        system = import ./nixos/lib/eval-config.nix {
          modules = [ { _file = "pkgs.nixos"; config.nixpkgs.pkgs = lib.mkDefault final; } ] ++ lib.toList configuration;
        };
      in system.config.system.build // system;
  };

  layers = [
    (import ./stdenv { inherit lib buildPlatform hostPlatform isCross; config = configSet; })
    (import ./build-support { inherit lib; })
    (import ./pkgs { inherit lib isCross; })
    (import ./linux { inherit lib; })
    (final: previous: (configSet.packageOverrides or (_: { })) previous)
  ] ++ overlays ++ lib.optionals isCross crossOverlays;

  apply = final: previous: layer:
    let step = layer final;
    in
    if builtins.isFunction step || step ? __functor then previous // step previous
    else throw "an overlay is a function of two arguments, 'self: super: { ... }'; one that was given has one argument only";
  pkgs = builtins.foldl' (apply pkgs) (base pkgs) layers;
in
pkgs
