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

  # nixos-rebuild boot, switch and test say what the machine's /etc/fstab has as root, and what that lies on: "DEVICE\nTYPE" and lines "lvm",
  # "raid", "luks<TAB>NAME<TAB>DEVICE". For a configuration that says nothing of it the initrd is made for that; one that has a report of its
  # hardware is made from that alone, wherever it is evaluated.
  inherit (given) lib;
  lines = lib.splitString "\n" (builtins.getEnv "KERNIX_ROOT_FILE_SYSTEM");
  device = builtins.head lines;
  fsType = builtins.elemAt lines 1;
  encrypted = map (lib.splitString "\t") (builtins.filter (lib.hasPrefix "luks\t") lines);
  below = {
    boot.initrd.services.lvm.enable = lib.mkIf (builtins.elem "lvm" lines) true;
    boot.swraid.enable = lib.mkIf (builtins.elem "raid" lines) true;
    boot.initrd.luks.devices = builtins.listToAttrs (map (words: { name = builtins.elemAt words 1; value.device = builtins.elemAt words 2; }) encrypted);
  };
  told = lib.warn ("the configuration does not say which file system is its root; it is made for the one that /etc/fstab has: fileSystems.\"/\" = { device = \"${device}\"; fsType = \"${fsType}\"; };"
    + lib.optionalString (lib.length lines > 2) " and for what it lies on (${lib.concatStringsSep ", " (lib.unique (map (line: builtins.head (lib.splitString "\t" line)) (lib.drop 2 lines)))}); nixos-generate-config writes that down");
  eval =
    if lib.length lines < 2 || given.config.fileSystems ? "/" || given.config.hardware.kernix.report != null then given
    else told (evaluate [ configuration ({ _file = "/etc/fstab"; fileSystems."/" = { inherit device fsType; }; } // below) ]);
in
{
  inherit (eval) pkgs config options lib extendModules;
  system = eval.config.system.build.toplevel;
  inherit (eval.config.system.build) toplevel kernel;
  vm = eval.config.system.build.vm;
  vmWithBootLoader = eval.config.system.build.vmWithBootLoader;
  initialRamdisk = eval.config.system.build.initialRamdisk;
}
