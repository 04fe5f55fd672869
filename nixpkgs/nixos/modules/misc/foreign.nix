# SPDX-License-Identifier: GPL-2.0-or-later
# Options of NixOS that say nothing about the kernel: users, services, programs and the like stay with the distribution.
# A configuration.nix that has them is accepted as it is: they are not evaluated, and one warning names them.
#
# A word that is unknown in a space of ours (boot, system, ...) is a mistake, but for those of NixOS below; elsewhere only
# one that is all but a word that is known (foreign-words.nix). foreign-merge.nix says what they come to, for those who read them.
{ config, lib, pkgs, ... }:
let
  inherit (builtins) attrNames elem filter head length;

  strict = [ "boot" "fileSystems" "swapDevices" "zramSwap" "specialisation" "nixpkgs" "system" "assertions" "warnings" "kernix" ];

  # Of NixOS or of widespread modules, in the spaces of ours.
  known = {
    boot = [
      "plymouth" "zfs" "binfmt" "enableContainers" "growPartition" "bcachefs" "bcache" "iscsi-initiator" "uki" "lanzaboote" "secureboot"
      "specialFileSystems" "nixStoreMountOpts" "readOnlyNixStore" "extraSystemdUnitPaths" "hardwareScan"
      "uvesafb" "kexec" "isNspawnContainer" "tmp.useZram" "tmp.zramSettings" "extraKernelParams" "pxe"
      "modprobeConfig.useUbuntuModuleBlacklist" "bootspec.enableValidation" "loader.limine" "loader.refind" "loader.generationsDir"
      "loader.initScript" "loader.supportsInitrdSecrets" "loader.raspberryPi" "loader.raspberry-pi" "loader.grub2-theme" "loader.uboot" "loader.lilo"
      "loader.generic-extlinux-compatible" "loader.efi.efibootmgr" "loader.external" "loader.grub" "loader.systemd-boot" "loader.gummiboot" "loader.nixos-init" "loader.secureboot" "loader.stub"
      "initrd.nix-store-veritysetup" "initrd.osRelease" "initrd.overlayfs" "initrd.extraUtilsCommandsTest"
      "initrd.systemd" "initrd.services" "initrd.clevis" "initrd.unl0kr" "initrd.preDeviceCommands" "initrd.postDeviceCommands"
      "initrd.preLVMCommands" "initrd.postResumeCommands" "initrd.postMountCommands" "initrd.preFailCommands" "initrd.extraUtilsCommands"
      "initrd.extraUdevRulesCommands" "initrd.useSystemd" "initrd.keepEverythingInMemory" "initrd.postBootCommands"
    ];
    system = [
      "autoUpgrade" "activationScripts" "userActivationScripts" "nssModules" "nssDatabases" "fsPackages" "tools" "disableInstallerTools" "rebuild" "switch" "etc"
      "forbiddenDependenciesRegexes" "forbiddenDependenciesRegex" "replaceDependencies" "replaceRuntimeDependencies" "includeBuildDependencies"
      "preSwitchChecks" "image" "primaryUser" "extraSystemBuilderCmds" "nixos.distroName" "nixos.distroId" "nixos.vendorName" "nixos.vendorId"
      "nixos.variantName" "nixos.versionSuffix" "nixos.revision" "nixos.extraOSReleaseArgs" "nixos.extraLSBReleaseArgs" "nixos-generate-config"
      "nixos-init" "defaultChannel" "activatable" "activatableSystemBuilderCommands" "services" "extraConfig" "userborn"
    ];
    zramSwap = [ "numDevices" ];
  };
  knownPaths = lib.genAttrs (lib.concatLists (lib.mapAttrsToList (space: map (name: "${space}.${name}")) known)) (_: null);
  isKnown = path: lib.any (n: knownPaths ? ${lib.concatStringsSep "." (lib.take n path)}) (lib.range 2 (length path));

  words = import ./foreign-words.nix { inherit config lib; defaults = harmless; };
  spaces = strict ++ [ "hardware" "security" "networking" "powerManagement" "virtualisation" "environment" "services" "systemd" ];
  # The definitions in DEF that are a mistake: DEF itself, or some of what is below it.
  mistakes = options: def:
    let
      path = def.prefix;
      name = lib.last path;
      beside = if length path == 1 then [ ] else attrNames (lib.attrByPath (lib.init path) { } options);
      others = lib.optionals (length path > 1) (words.below (lib.init path));
      meant = if length path == 1 then words.nearSpaces spaces name else if elem name others then [ ] else words.near (beside ++ others) name;
      isFine = knownPaths ? ${lib.concatStringsSep "." path} || (isKnown path || !elem (head path) strict) && meant == [ ];
    in
    if isFine then words.mistakesBelow def else [ (def // lib.optionalAttrs (meant != [ ]) { beside = lib.unique meant; }) ];

  # What is named: a space that is none of ours as a whole, else the name in it; of many in one space the first few.
  whole = [ "users" "programs" "i18n" "time" "fonts" "nix" "home-manager" ];
  deeper = { "boot.loader" = 4; "boot.initrd" = 3; "boot.bootspec" = 3; "hardware.cpu" = 4; "hardware.amdgpu" = 3; "boot.kernel" = 3; "boot.tmp" = 3; "system.nixos" = 3; "services.udev" = 3; };
  shown = path:
    if elem (head path) whole then head path
    else lib.concatStringsSep "." (lib.take (deeper.${lib.concatStringsSep "." (lib.take 2 path)} or 2) path);
  sorted = lib.sort (a: b: a < b);
  # What stage 1 does not do is said by boot/initrd.nix; every scan of the hardware leaves the others, which only say which loader is there.
  said = path: lib.take 2 path == [ "boot" "initrd" ]
    || elem path [ [ "networking" "useDHCP" ] [ "boot" "loader" "grub" "device" ] [ "boot" "loader" "grub" "efiSupport" ] ];
  # Options whose kernel's part is done (kernel-part.nix); one that is nothing else is not left out.
  inherit (config.kernix) kernelPart;
  whole' = map (row: lib.splitString "." row.option) (filter (row: row.whole or false) kernelPart);
  isUnset = value: elem value [ null false [ ] { } "" ];
  rest = path:
    let
      value = lib.attrByPath path null config;
      below = filter (other: lib.take (length path) other == path) whole';
      unset = builtins.tryEval (isUnset value);
    in
    if elem path whole' || elem (lib.concatStringsSep "." (path ++ [ "enable" ])) handled || elem (lib.concatStringsSep "." path) handled || unset.success && unset.value then [ ]
    else if below == [ ] || !builtins.isAttrs value then [ path ]
    else lib.concatMap (name: rest (path ++ [ name ])) (lib.remove "package" (attrNames value));
  left = path: if lib.any (other: lib.take (length path) other == path) (whole' ++ map (lib.splitString ".") handled) then rest path else [ path ];
  undeclared = if kernelPart == [ ] then config._module.undeclared else lib.concatMap left config._module.undeclared;
  # `networking.jool` is not without effect where its module is built.
  partial = lib.genAttrs (map (option: lib.concatStringsSep "." (lib.take 2 (lib.splitString "." option))) (filter (option: length (lib.splitString "." option) > 2) handled) ++ lib.concatMap (row: row.covers or [ ]) kernelPart) (_: null);
  idle = filter (name: !partial ? ${name}) (lib.unique (sorted config.kernix.leftOut ++ sorted (map shown (filter (path: !said path) undeclared))));
  # Of a set of which something is done the words that nothing reads are named by themselves.
  isDone = path: !elem (shown path) idle && (partial ? ${lib.concatStringsSep "." (lib.take 2 path)} || lib.any (row: lib.take 2 row == lib.take 2 path) whole');
  unread = lib.optionals (kernelPart != [ ]) (filter isDone (map (def: def.prefix) (lib.concatMap words.strangers config._module.undeclaredDefinitions)));
  ignored = lib.unique (idle ++ sorted (map (lib.concatStringsSep ".") unread));
  # A row that only says something does nothing.
  does = row: lib.any (part: !elem part [ "option" "whole" "say" "covers" ]) (attrNames row);
  handled = lib.unique (map (row: row.option) (filter (row: !(row.whole or false)) kernelPart));
  partly = lib.unique (map (row: row.option) (filter (row: !(row.whole or false) && does row) kernelPart));
  spaceOf = name: head (lib.splitString "." name);
  # Only of names that are known to say nothing of the kernel some may go unnamed.
  harmless = import ./foreign-defaults.nix { inherit lib pkgs; };
  few = space: names:
    let
      parts = builtins.partition (name: harmless ? ${space}.${builtins.elemAt (lib.splitString "." name ++ [ "" ]) 1}) names;
      first = parts.wrong ++ lib.take (lib.max 0 (4 - length parts.wrong)) parts.right;
      more = length names - length first;
    in lib.concatStringsSep ", " (sorted first) + lib.optionalString (more > 0) " and ${toString more} more of ${space}";
  text = lib.concatStringsSep ", " (lib.mapAttrsToList few (builtins.groupBy spaceOf ignored));
in
{
  options.kernix.leftOut = lib.mkOption {
    type = lib.types.listOf lib.types.str;
    default = [ ];
    internal = true;
    description = "What of options that are known has no effect here; named with those that are not.";
  };
  config._module.freeformType = lib.mkOptionType {
    name = "undeclared";
    description = "anything that is left to the distribution";
    check = _: true;
    merge = lib.mergeEqualOption;
  } // {
    undeclared = {
      inherit mistakes;
      merge = import ./foreign-merge.nix { inherit lib; };
      defaults = import ./foreign-defaults.nix { inherit lib pkgs; };
    };
  };
  config.warnings = lib.optional (ignored != [ ])
    "kernix manages the kernel and leaves the rest to the distribution; these options have no effect: ${text}"
  ++ lib.optional (partly != [ ])
    "of these options kernix does only what concerns the kernel (modules, parameters, firmware, sysctls); the rest is left to the distribution: ${lib.concatStringsSep ", " partly}";
}
