# SPDX-License-Identifier: GPL-2.0-or-later
# <nixpkgs/nixos>: the system that a configuration.nix describes. nixos-rebuild evaluates this file.
#
#   configuration   a module; by default <nixos-config>, $NIXOS_CONFIG or /etc/nixos/configuration.nix
{ configuration ? import ./lib/find-configuration.nix
, system ? builtins.currentSystem
, ...
}@args:
let
  eval = import ./lib/eval-config.nix ({
    modules = [ configuration ];
  } // (if args ? system then { inherit (args) system; } else { }));
in
{
  inherit (eval) pkgs config options lib extendModules;
  system = eval.config.system.build.toplevel;
  inherit (eval.config.system.build) toplevel kernel;
  vm = eval.config.system.build.vm;
  vmWithBootLoader = eval.config.system.build.vmWithBootLoader;
  initialRamdisk = eval.config.system.build.initialRamdisk;
}
