# SPDX-License-Identifier: GPL-2.0-or-later
# hardware.deviceTree: the device trees of the kernel, those that a filter names, with overlays applied to each tree that is
# compatible. They are in the system's dtbs/; boards whose loader reads files take them from there.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.hardware.deviceTree;
  kernel = config.boot.kernelPackages.kernel;

  overlay = types.submodule {
    options = {
      name = mkOption { type = types.str; description = "Name of the overlay."; };
      filter = mkOption { type = types.nullOr types.str; default = cfg.filter; description = "Pattern of the trees that it is for."; };
      dtsFile = mkOption { type = types.nullOr types.path; default = null; description = "Its source as a file."; };
      dtsText = mkOption { type = types.nullOr types.str; default = null; description = "Its source as text."; };
      dtboFile = mkOption { type = types.nullOr types.path; default = null; description = "It, compiled."; };
    };
  };
  sourceOf = o:
    if o.dtboFile != null then "${o.dtboFile}"
    else if o.dtsFile != null then "${o.dtsFile}"
    else if o.dtsText != null then pkgs.writeText (lib.strings.sanitizeDerivationName "${o.name}.dts") o.dtsText
    else throw "hardware.deviceTree.overlays: the overlay '${o.name}' needs dtsFile, dtsText or dtboFile";
  row = o: "${lib.strings.sanitizeDerivationName o.name}\t${if o.filter == null then "*" else o.filter}\t${if o.dtboFile != null then "dtbo" else "dts"}\t${sourceOf o}";
  sourceTree = cfg.kernelPackage.tree or "${lib.getDev cfg.kernelPackage}/lib/modules/${cfg.kernelPackage.modDirVersion}/source";
  changed = cfg.overlays != [ ] || cfg.filter != null;
in
{
  options.hardware.deviceTree = {
    enable = mkOption { type = types.bool; default = cfg.kernelPackage.buildDTBs or false; description = "Whether the system holds device trees."; };
    kernelPackage = mkOption { type = types.raw; default = kernel; description = "The kernel whose device trees they are."; };
    dtbSource = mkOption { type = types.path; default = "${cfg.kernelPackage}/dtbs"; description = "The folder of the trees."; };
    name = mkOption { type = types.nullOr types.str; default = null; example = "broadcom/bcm2711-rpi-4-b.dtb"; description = "The tree of this machine."; };
    filter = mkOption { type = types.nullOr types.str; default = null; example = "*rpi*.dtb"; description = "Pattern of the trees that are kept."; };
    overlays = mkOption {
      type = types.listOf (types.coercedTo types.path (file: { name = baseNameOf file; dtboFile = file; }) overlay);
      default = [ ];
      description = "Overlays, applied in this order.";
    };
    dtboBuildExtraPreprocessorFlags = mkOption { type = types.listOf types.str; default = [ ]; description = "Words for the preprocessor of overlays."; };
    dtboBuildExtraIncludePaths = mkOption { type = types.listOf types.path; default = [ ]; description = "Folders where overlays include from."; };
    package = mkOption { type = types.path; internal = true; description = "The folder of the trees as they are used."; };
    base = mkOption { type = types.nullOr types.path; default = null; visible = false; };
  };

  config = lib.mkMerge [
    {
      hardware.deviceTree.package = lib.mkDefault (if !changed then cfg.dtbSource else pkgs.runCommand "device-trees" {
        inherit (cfg) dtbSource;
        filter = if cfg.filter == null then "*" else cfg.filter;
        overlays = lib.concatMapStrings (o: row o + "\n") cfg.overlays;
        includes = map toString cfg.dtboBuildExtraIncludePaths ++ [ "${sourceTree}/scripts/dtc/include-prefixes" ];
        preprocessorFlags = cfg.dtboBuildExtraPreprocessorFlags;
        nativeBuildInputs = [ pkgs.buildPackages.dtc ];
        preferLocalBuild = true;
      } "source ${./device-trees.sh}");
    }
    (lib.mkIf (cfg.enable && config.boot.kernel.enable) {
      system.systemBuilderCommands = "ln -s ${cfg.package} $out/dtbs\n"
        + lib.optionalString (cfg.name != null) "test -e $out/dtbs/${lib.escapeShellArg cfg.name} || { echo ${lib.escapeShellArg "error: hardware.deviceTree.name: the kernel has no device tree ${cfg.name}"} >&2; exit 1; }\n";
      system.build.deviceTree = cfg.package;
      boot.bootspec.extensions."org.kernix.loader.v1" = lib.mkIf (cfg.name != null) { deviceTree = "@out@/dtbs/${cfg.name}"; };
    })
    {
      warnings = lib.optional (cfg.enable && changed && cfg.name == null)
        "hardware.deviceTree: the trees are in the system's dtbs/; the boot entries name none, so the boot loader takes the one that it is set up for. hardware.deviceTree.name says which is this machine's: entries of extlinux name it.";
    }
  ];
}
