# SPDX-License-Identifier: GPL-2.0-or-later
# <nixpkgs/nixos>: the system that a configuration.nix describes. nixos-rebuild evaluates this file.
#
#   configuration   a module; by default <nixos-config>, $NIXOS_CONFIG or /etc/nixos/configuration.nix
{ configuration ? import ./lib/find-configuration.nix
, system ? builtins.currentSystem
, ...
}@args:
let
  evaluate = modules: import ./lib/eval-config.nix ({ inherit modules; } // (if args ? system then { inherit (args) system; } else { }));
  given = evaluate [ (notFlake configuration) ];

  # A flake.nix is no module: taken for one it would be a system that declares nothing.
  notFlake = file:
    if (builtins.isPath file || builtins.isString file) && baseNameOf file == "flake.nix" then
      throw "'${toString file}' is a flake, not a configuration. Type: nixos-rebuild switch --flake ${dirOf (toString file)}#NAME, with a NAME of its nixosConfigurations"
    else if builtins.isAttrs file && builtins.isFunction (file.outputs or null) && ! file ? imports then
      throw "the configuration is the set of a flake.nix. Type: nixos-rebuild switch --flake DIR#NAME, with a NAME of its nixosConfigurations"
    else file;

  # nixos-rebuild boot, switch and test say what the machine's /etc/fstab has as root: "DEVICE\nTYPE". For a configuration that says
  # nothing of it the initrd is made for that.
  root = builtins.match "([^\n]+)\n([^\n]+)" (builtins.getEnv "KERNIX_ROOT_FILE_SYSTEM");
  device = builtins.head root;
  fsType = builtins.elemAt root 1;
  told = given.lib.warn "the configuration does not say which file system is its root; it is made for the one that /etc/fstab has: fileSystems.\"/\" = { device = \"${device}\"; fsType = \"${fsType}\"; };";
  eval =
    if root == null || given.config.fileSystems ? "/" then given
    else told (evaluate [ configuration { _file = "/etc/fstab"; fileSystems."/" = { inherit device fsType; }; } ]);
in
{
  inherit (eval) pkgs config options lib extendModules;
  system = eval.config.system.build.toplevel;
  inherit (eval.config.system.build) toplevel kernel;
  vm = eval.config.system.build.vm;
  vmWithBootLoader = eval.config.system.build.vmWithBootLoader;
  initialRamdisk = eval.config.system.build.initialRamdisk;
}
