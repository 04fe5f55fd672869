# SPDX-License-Identifier: GPL-2.0-or-later
# system.build.toplevel: the store path that is the system. It holds links to kernel, initrd and module tree, the kernel's
# parameters, etc/, init, and boot.json (bootspec v1), from which boot entries are made.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  kernel = config.boot.kernelPackages.kernel;
  hasKernel = config.boot.kernel.enable;
  initrd = "${config.system.build.initialRamdisk}/${config.system.boot.loader.initrdFile}";

  failed = map (a: a.message) (builtins.filter (a: !a.assertion) config.assertions);
  checked = value:
    if failed != [ ] then
      throw "\nFailed assertions:\n${lib.concatMapStringsSep "\n" (message: "- ${message}") failed}"
    else lib.foldr lib.warn value (lib.subtractLists config.kernix.saidWarnings config.warnings);

  # `init` and `toplevel` are filled in by the builder, which knows its output.
  bootspec = {
    "org.nixos.bootspec.v1" = {
      system = pkgs.stdenv.hostPlatform.system;
      label = "kernix ${config.system.nixos.label} (Linux ${if hasKernel then kernel.modDirVersion else "none"})";
      init = "@out@/init";
      toplevel = "@out@";
      kernelParams = config.boot.kernelParams;
    } // lib.optionalAttrs hasKernel {
      kernel = "${kernel}/${config.system.boot.loader.kernelFile}";
    } // lib.optionalAttrs (hasKernel && config.boot.initrd.enable) { inherit initrd; };
    "org.nixos.specialisation.v1" = { };
  } // config.boot.bootspec.extensions;

  # Of packages that this set does not have nothing can be kept.
  names = import ../../lib/attempt.nix (lib.escapeShellArgs config.system.extraDependencies);
  kept = if names.success then names.value else "";

  checks = pkgs.runCommand "system-checks" {
    kernelParams = lib.concatMapStrings (parameter: parameter + "\n") config.boot.kernelParams;
    modprobeConfig = config.boot.extraModprobeConfig;
    sysctls = lib.concatMapStrings (name: name + "\n")
      (builtins.attrNames (lib.filterAttrs (_: value: value != null) config.boot.kernel.sysctl));
    kernelModules = lib.concatMapStrings (name: name + "\n") config.boot.kernelModules;
    modulesTree = config.system.modulesTree;
    inherit (kernel) modDirVersion;
    vmlinux = "${kernel.dev or kernel}/vmlinux";
    nativeBuildInputs = [ pkgs.buildPackages.kmod ];
    preferLocalBuild = true;
  } "source ${./system-checks.sh}";

  toplevel = pkgs.stdenvNoCC.mkDerivation ({
    name = "nixos-system-${config.system.name}-${config.system.nixos.label}";
    preferLocalBuild = true;
    allowSubstitutes = false;
    buildCommand = "source ${./build-system.sh}\n${config.system.systemBuilderCommands}";
    inherit (config.system.build) etc stage2;
    systemPath = if config.kernix.packages == [ ] then "" else config.system.path;
    bootspec = lib.optionalString config.boot.bootspec.enable (builtins.toJSON bootspec);
    passAsFile = [ "bootspec" ];
    system = pkgs.stdenv.buildPlatform.system;
    hostSystem = pkgs.stdenv.hostPlatform.system;
    nixosLabel = config.system.nixos.label;
    configurationName = config.system.name;
    checks = config.system.systemBuilderChecks;
  } // lib.optionalAttrs (config.system.configurationRevision != null) {
    inherit (config.system) configurationRevision;
  } // lib.optionalAttrs hasKernel {
    kernelImage = "${kernel}/${config.system.boot.loader.kernelFile}";
    kernelParams = config.boot.kernelParams;
    modulesTree = config.system.modulesTree;
    firmware = if config.hardware.firmware == [ ] then "" else config.system.build.firmware;
    warnings = checks;
  } // lib.optionalAttrs (hasKernel && config.boot.initrd.enable) {
    initrdFile = initrd;
  });
in
{
  options.system = {
    build = mkOption {
      type = types.submoduleWith { modules = [ { freeformType = types.lazyAttrsOf types.unspecified; } ]; };
      default = { };
      description = "Derivations made from the configuration.";
    };
    systemBuilderCommands = mkOption { type = types.lines; default = ""; internal = true; description = "Shell code run when the system's store path is made."; };
    systemBuilderChecks = mkOption { type = types.listOf types.package; default = [ ]; internal = true; description = "Derivations that must build before the system does."; };
    extraDependencies = mkOption { type = types.listOf types.raw; default = [ ]; description = "Packages kept with the system."; };
    copySystemConfiguration = mkOption { type = types.bool; default = false; description = "Whether the system keeps a copy of its configuration.nix."; };
    checks = mkOption { type = types.listOf types.package; default = [ ]; description = "Packages that must build for the system to be built."; };
  };
  config.system.systemBuilderChecks = config.system.checks;
  config.system.systemBuilderCommands = lib.mkMerge [
    (lib.mkIf config.system.copySystemConfiguration "ln -s ${import ../../lib/find-configuration.nix} $out/configuration.nix\n")
    (lib.mkIf (config.kernix.cannotStart != [ ]) ''
      printf '%s\n' ${lib.escapeShellArgs config.kernix.cannotStart} >$out/cannot-start
    '')
    (lib.mkIf (kept != "") ''
      printf '%s\n' ${kept} >$out/extra-dependencies
    '')
  ];
  config.system.build.checks = checks;
  config.system.build.toplevel = checked toplevel;
}
