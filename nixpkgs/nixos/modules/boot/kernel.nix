# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel: which one, with what patches, parameters and modules.
{ config, lib, options, pkgs, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.boot;
  kernel = cfg.kernelPackages.kernel;

  # The set with boot.kernelPatches put into its kernel; packages of the set follow, since they are made from it.
  withPatches = packages: packages.extend (_: previous: {
    kernel = previous.kernel.override (original: {
      kernelPatches = (original.kernelPatches or [ ]) ++ cfg.kernelPatches;
      features = lib.recursiveUpdate (original.features or { }) cfg.kernel.features;
    } // lib.optionalAttrs (cfg.kernel.randstructSeed != "") { inherit (cfg.kernel) randstructSeed; }
      // lib.optionalAttrs (cfg.kernix.hardware != null) { inherit (cfg.kernix) trim; });
  });
  # nixpkgs' names of old drivers; they are not in the set itself, where each is broken for most kernels.
  olderDrivers = packages: lib.mapAttrs' (name: branch: lib.nameValuePair "nvidia_x11_${name}" packages.nvidiaPackages.${branch})
    { legacy340 = "legacy_340"; legacy390 = "legacy_390"; legacy470 = "legacy_470"; legacy535 = "legacy_535"; };
  checked = packages:
    let usable = accepted packages;
    in olderDrivers usable // usable;
  files = lib.concatMapStringsSep " and " (file: "`${toString file}'") options.boot.kernelPackages.files;
  accepted = packages:
    if lib.isDerivation packages then
      throw "boot.kernelPackages must be a set of kernel packages, but is the package '${packages.name}': write pkgs.linuxPackages_..., or pkgs.linuxPackagesFor around the kernel (defined in ${files})"
    else if !(packages ? kernel && packages ? extend) then
      throw "boot.kernelPackages must be a set of kernel packages, such as pkgs.linuxPackages_latest or the result of pkgs.linuxPackagesFor, but is a ${builtins.typeOf packages} (defined in ${files})"
    else if cfg.kernelPatches == [ ] && cfg.kernel.features == { } && cfg.kernel.randstructSeed == "" && cfg.kernix.hardware == null then packages
    else withPatches packages;

  # Entries stay as they are: what is in them may be lazy, and functions of Nix values have no business in here.
  patchType = lib.mkOptionType {
    name = "kernelPatch";
    description = "kernel patch { name; patch; extraConfig; structuredExtraConfig; features; }";
    check = builtins.isAttrs;
    merge = lib.mergeOneOption;
  } // {
    advice = value: if builtins.isPath value then "Write a set with the patch in it: { name = \"...\"; patch = ${toString value}; }." else null;
  };
  patchAttributes = [ "name" "patch" "extraConfig" "structuredExtraConfig" "extraStructuredConfig" "features" ];
  placeOf = attribute: patch:
    let pos = builtins.unsafeGetAttrPos attribute patch;
    in lib.optionalString (pos != null) " (${pos.file}:${toString pos.line}:${toString pos.column})";
  checkedPatch = patch:
    let
      unknown = builtins.filter (attribute: !builtins.elem attribute patchAttributes) (builtins.attrNames patch);
      entry = "boot.kernelPatches: the entry '${patch.name or "unnamed"}'";
    in
    if unknown != [ ] then
      throw "${entry} has an unknown attribute '${builtins.head unknown}'${placeOf (builtins.head unknown) patch}; known are ${lib.concatStringsSep ", " patchAttributes}"
    else if builtins.isPath (patch.patch or null) && !builtins.pathExists patch.patch then
      throw "${entry} names a patch that does not exist: ${toString patch.patch}${placeOf "patch" patch}"
    else if builtins.isString (patch.patch or null) && !builtins.hasContext patch.patch && !lib.hasPrefix builtins.storeDir patch.patch then
      throw "${entry} has a text for its patch, which no build can see: write the path without quotes, as in patch = ./${baseNameOf patch.patch}${placeOf "patch" patch}"
    else if !builtins.isString (patch.extraConfig or "") then
      throw "${entry}: extraConfig is a text with lines 'NAME VALUE', not a ${builtins.typeOf patch.extraConfig}; a set of answers is structuredExtraConfig${placeOf "extraConfig" patch}"
    else if !builtins.isAttrs (patch.structuredExtraConfig or { }) then
      throw "${entry}: structuredExtraConfig is a set such as { NAME = lib.kernel.yes; }, not a ${builtins.typeOf patch.structuredExtraConfig}; lines 'NAME VALUE' are extraConfig${placeOf "structuredExtraConfig" patch}"
    else patch;

  paramAdvice = value:
    let words = builtins.filter (word: builtins.isString word && word != "") (builtins.split "[[:space:]]+" value);
    in
    if builtins.isInt value || builtins.isBool value then "A parameter is a text, as in \"quiet\" or \"name=${if builtins.isInt value then toString value else "1"}\"."
    else if !builtins.isString value then null
    else if builtins.elem "=" words then "Write it without spaces around '=': \"${lib.concatStrings words}\"."
    else "Each parameter is a text of its own: [ ${lib.concatMapStringsSep " " (word: "\"${word}\"") words} ].";

  asked = kernel.requests or [ ];
  asks = name: lib.any (request: request.name == name && request.value == "y") asked;

  # Packages of this tree's sets know their kernel; others are checked when the module tree is built.
  foreign = builtins.filter (package: package ? forKernel && package.forKernel != kernel.modDirVersion) cfg.extraModulePackages;
in
{
  options.boot = {
    kernel.enable = mkOption { type = types.bool; default = true; description = "Whether the system has a kernel (containers have none)."; };
    kernel.features = mkOption { type = types.attrsOf types.anything; default = { }; description = "Features that the kernel is said to have."; };
    kernel.randstructSeed = mkOption { type = types.str; default = ""; description = "Seed for the randomised layout of structures."; };
    kernelPackages = mkOption {
      type = types.raw;
      default = pkgs.linuxPackages;
      defaultText = lib.literalExpression "pkgs.linuxPackages" ;
      apply = checked;
      example = lib.literalExpression "pkgs.linuxPackages_latest";
      description = "The kernel and the packages that are built for it.";
    };
    kernelPatches = mkOption {
      type = types.listOf patchType;
      default = [ ];
      apply = map checkedPatch;
      example = lib.literalExpression ''[ { name = "debug"; patch = null; extraConfig = "DEBUG_INFO y"; } ]'';
      description = "Patches and configuration for the kernel.";
    };
    kernelParams = mkOption {
      type = types.listOf (types.strMatching ''([^"[:space:]]|"[^"]*")+'' // { name = "kernelParam"; description = "string, with spaces inside double quotes"; advice = paramAdvice; });
      default = [ ];
      example = [ "quiet" "usbcore.blinkenlights=1" ];
      description = "Parameters added to the kernel's command line, in this order.";
    };
    consoleLogLevel = mkOption { type = types.int; default = 4; description = "Messages more important than this are shown on the console."; };
    vesa = mkOption { type = types.bool; default = false; description = "Whether the console is in a graphical mode of VESA's BIOS (obsolete)."; };
    extraModulePackages = mkOption {
      # A module that the kernel has itself by now is null in the set of its packages.
      type = types.listOf (types.package // { check = value: value == null || types.package.check value; });
      default = [ ];
      apply = builtins.filter (package: package != null);
      example = lib.literalExpression "with config.boot.kernelPackages; [ bbswitch ]";
      description = "Packages with kernel modules. They win over the kernel's own modules of the same name.";
    };
    kernelModules = mkOption {
      type = import ./module-names.nix { inherit lib; };
      default = [ ];
      description = "Modules loaded in stage 2, when the root file system is there.";
    };
  };

  options.system.modulesTree = mkOption {
    type = types.listOf types.path;
    internal = true;
    default = [ ];
    apply = pkgs.aggregateModules;
    description = "The tree of the kernel's modules and those of extraModulePackages.";
  };

  config = lib.mkIf cfg.kernel.enable {
    system.build.kernel = kernel;
    system.build.modulesTree = config.system.modulesTree;
    system.modulesTree = [ kernel.modules or kernel ] ++ cfg.extraModulePackages;
    boot.kernelParams = [ "loglevel=${toString cfg.consoleLogLevel}" ] ++ lib.optionals cfg.vesa [ "vga=0x317" "nomodeset" ];
    environment.etc."modules-load.d/nixos.conf".text = lib.concatMapStrings (name: name + "\n") cfg.kernelModules;

    # What is asked for and makes two builds differ; `kernix config check` and the build of the .config look at all that comes out (src/kconfig/repro.c).
    warnings = map (request: "${request.name}: the layout of structures follows a seed that is drawn in each build, so that two builds differ. Give one: boot.kernel.randstructSeed = \"...\";")
        (builtins.filter (request: request.value == "y" && builtins.elem request.name [ "RANDSTRUCT_FULL" "RANDSTRUCT_PERFORMANCE" "GCC_PLUGIN_RANDSTRUCT" ] && kernel.randstructSeed or "" == "") asked)
      ++ lib.optional (asks "MODULE_SIG" && !lib.any (request: request.name == "MODULE_SIG_KEY" && request.value != null) asked)
        "MODULE_SIG: a new key for signing modules is made in each build, so that two builds differ. Name one: MODULE_SIG_KEY = lib.kernel.freeform \"...\";"
      ++ lib.optional (asks "GCC_PLUGIN_LATENT_ENTROPY") "GCC_PLUGIN_LATENT_ENTROPY: constants are drawn from the builder's entropy, so that two builds differ.";

    assertions = map (package: {
      assertion = false;
      message = "boot.extraModulePackages: ${package.name} is built for kernel ${package.forKernel}, but the system's kernel is ${kernel.modDirVersion}. Take it from config.boot.kernelPackages.";
    }) foreign;
  };
}
