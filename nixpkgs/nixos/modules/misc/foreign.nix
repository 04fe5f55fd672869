# SPDX-License-Identifier: GPL-2.0-or-later
# Options of NixOS that say nothing about the kernel: users, services, programs and the like stay with the distribution.
# A configuration.nix that has them is accepted as it is; what is not acted on is named in a warning.
#
# A namespace that no module here declares anything in is one option of any content. In one that has options of its own,
# the others are accepted too. boot, fileSystems, system, nixpkgs and systemd are ours: a word that is unknown there is a
# mistake, but for the few below boot and system are known and belong to user space.
{ config, lib, options, ... }:
let
  inherit (lib) types mkOption;
  anything = types.lazyAttrsOf types.anything;

  whole = [ "users" "programs" "i18n" "time" "console" "fonts" "xdg" "qt" "gtk" "sound" "nix" "documentation" "location"
    "power" "krb5" "ids" "dysnomia" "containers" "oci" "home-manager" "stylix" "age" "sops" "disko" "snowfallorg" "gaming" ];
  shared = [ "services" "networking" "hardware" "security" "environment" "virtualisation" "powerManagement" ];

  inBoot = [ "plymouth" "zfs" "binfmt" "swraid" "enableContainers" "growPartition" "bcachefs" "iscsi-initiator" "uki" "lanzaboote"
    "specialFileSystems" "nixStoreMountOpts" "readOnlyNixStore" "extraSystemdUnitPaths" "devShmSize" "devSize" "runSize" "hardwareScan" ];

  inSystem = [ "autoUpgrade" "userActivationScripts" "nssModules" "nssDatabases" "fsPackages" "tools" "disableInstallerTools"
    "rebuild" "switch" "etc" "forbiddenDependenciesRegexes" "replaceDependencies" "includeBuildDependencies" "preSwitchChecks" ];

  # What was defined in a shared namespace and is no option of ours.
  ownNames = name: options.${name}.type.getSubOptions or (_: { }) [ name ];
  ignoredIn = name: map (entry: "${name}.${entry}")
    (lib.subtractLists (builtins.attrNames (ownNames name)) (builtins.attrNames config.${name}));
  below = space: names: map (name: "${space}.${name}") (lib.filter (name: config.${space}.${name} != { }) names);
  ignored = lib.filter (name: config.${name} != { }) whole ++ below "boot" inBoot ++ below "system" inSystem ++ lib.concatMap ignoredIn shared;
in
{
  options = lib.genAttrs whole (_: mkOption { type = anything; default = { }; visible = false; })
    // lib.genAttrs shared (_: mkOption {
      type = types.submodule { freeformType = anything; };
      default = { };
      visible = false;
    })
    // {
      boot = lib.genAttrs inBoot (_: mkOption { type = types.anything; default = { }; visible = false; });
      system = lib.genAttrs inSystem (_: mkOption { type = types.anything; default = { }; visible = false; });
    };

  config.warnings = lib.optional (ignored != [ ])
    "kernix manages the kernel and leaves the rest to the distribution; these options have no effect: ${lib.concatStringsSep ", " ignored}";
}
