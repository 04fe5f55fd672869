# SPDX-License-Identifier: GPL-2.0-or-later
# Evaluates a system: the modules of module-list.nix, those of the caller, and pkgs. Arguments and results are those of
# NixOS's file of this name. A new option goes into a module of module-list.nix.
{ system ? builtins.currentSystem
, pkgs ? null
, lib ? import ../../lib
, modules
, modulesLocation ? null
, baseModules ? import ../modules/module-list.nix
, extraModules ? [ ]
, specialArgs ? { }
, extraArgs ? { }
, check ? true
, prefix ? [ ]
, ...
}@args:
let
  located = if modulesLocation == null then modules else map (lib.setDefaultModuleLocation modulesLocation) modules;

  environment = {
    _file = ./eval-config.nix;
    key = toString ./eval-config.nix;
    config = {
      nixpkgs.system = lib.mkIf (args ? system && args.system != null) (lib.mkDefault system);
      _module.args = extraArgs // { inherit baseModules extraModules modules; };
      _module.check = lib.mkDefault check;
    };
  };
  givenPkgs = lib.optional (pkgs != null) { _file = ./eval-config.nix; config.nixpkgs.pkgs = lib.mkDefault pkgs; };

  # For a configuration.nix that is one of a flake's: what it takes of the inputs is looked for only where it is needed.
  inputs = throw "the module argument `inputs` is one of a flake, which is not read here: import what it stands for by its path, or give it in specialArgs";

  evaluate = more: lib.evalModules {
    inherit prefix;
    class = "nixos";
    specialArgs = { modulesPath = toString ../modules; inherit lib inputs; } // specialArgs;
    modules = baseModules ++ extraModules ++ [ environment ] ++ givenPkgs ++ located ++ more;
  };
  result = evaluate [ ];
in
{
  inherit (result) options extendModules type _module;
  # Failed assertions stop whatever is read of the configuration's results in system.build.
  inherit (result) config;
  # As it is outside of modules (misc/nixpkgs.nix changes names of tools for them).
  inherit (result._module.args.pkgs) pkgs;
  inherit lib extraArgs;
}
