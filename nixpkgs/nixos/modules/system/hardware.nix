# SPDX-License-Identifier: GPL-2.0-or-later
# Firmware and microcode.
{ config, lib, options, pkgs, ... }:
let
  inherit (lib) mkOption types;
  switch = text: mkOption { type = types.bool; default = false; description = text; };
in
{
  options.hardware = {
    firmware = mkOption {
      type = types.listOf types.package;
      default = [ ];
      description = "Packages with lib/firmware; of two files of one name the first wins.";
    };
    enableAllFirmware = switch "Whether all firmware that the package set knows is there.";
    enableRedistributableFirmware = switch "Whether freely redistributable firmware is there.";
    firmwareCompression = mkOption { type = types.str; default = "none"; visible = false; };
    cpu.intel.updateMicrocode = switch "Whether Intel's microcode is loaded.";
    cpu.amd.updateMicrocode = switch "Whether AMD's microcode is loaded.";
  };
  config.hardware.firmware = lib.mkIf (config.hardware.enableAllFirmware || config.hardware.enableRedistributableFirmware) [ pkgs.linux-firmware ];
  # Microcode comes with the distribution's own packages.
  config.kernix.leftOut = builtins.filter (name: lib.getAttrFromPath (lib.splitString "." name) config)
    [ "hardware.cpu.intel.updateMicrocode" "hardware.cpu.amd.updateMicrocode" ]
  ++ lib.optional (options.hardware.firmwareCompression.highestPrio < 1500) "hardware.firmwareCompression";
  config.system.build.firmware = pkgs.buildEnv {
    name = "firmware";
    paths = config.hardware.firmware;
    pathsToLink = [ "/lib/firmware" ];
    ignoreCollisions = true;
  };
}
