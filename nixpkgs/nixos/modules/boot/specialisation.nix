# SPDX-License-Identifier: GPL-2.0-or-later
# specialisation.NAME.configuration: variants of the system, each with a boot entry of its own: another kernel, other
# parameters. They are in the system's specialisation/ and in boot.json.
{ config, lib, pkgs, extendModules, ... }:
let
  inherit (lib) mkOption types;
  # What is said of the system is not said again of each variant.
  variant = extendModules { modules = [ { specialisation = lib.mkOverride 0 { }; kernix.saidWarnings = config.warnings; } ]; };
  systems = builtins.mapAttrs (_: s: s.configuration.system.build.toplevel) config.specialisation;
in
{
  options.specialisation = mkOption {
    default = { };
    example = lib.literalExpression ''{ latest.configuration.boot.kernelPackages = pkgs.linuxPackages_latest; }'';
    description = "Variants of this system.";
    type = types.attrsOf (types.submodule {
      options.inheritParentConfig = mkOption { type = types.bool; default = true; description = "Always true here."; };
      options.configuration = mkOption { inherit (variant) type; default = { }; visible = "shallow"; description = "What is different."; };
    });
  };
  config.warnings = map (name: "specialisation.${name}.inheritParentConfig = false has no effect: it has the parent's configuration too.")
    (builtins.attrNames (lib.filterAttrs (_: s: !s.inheritParentConfig) config.specialisation));
  config.boot.bootspec.extensions."org.nixos.specialisation.v1" = lib.mkIf (systems != { }) (builtins.mapAttrs (_: system: { bootspec = "${system}/boot.json"; }) systems);
  config.system.systemBuilderCommands = lib.mkIf (systems != { }) (''
    mkdir $out/specialisation
  '' + lib.concatStrings (lib.mapAttrsToList (name: system: "ln -s ${system} $out/specialisation/${lib.escapeShellArg name}\n") systems));
}
