# SPDX-License-Identifier: GPL-2.0-or-later
# Firmware and microcode.
{ config, lib, options, pkgs, ... }:
let
  inherit (lib) mkOption types;
  inherit (config.hardware) cpu;
  package = vendor: mkOption {
    type = types.package;
    default = pkgs."microcode-${vendor}";
    defaultText = lib.literalExpression "pkgs.microcode-${vendor}";
    description = "Its package; pkgs.microcodeFrom \"${vendor}\" /lib/firmware/${vendor}-ucode is what the machine has.";
  };
  image = vendor: lib.optional cpu.${vendor}.updateMicrocode "${cpu.${vendor}.microcodePackage}/${vendor}-ucode.img";
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
    cpu.intel.updateMicrocode = switch "Whether Intel's microcode is in front of the initrd, where the kernel loads it before all else.";
    cpu.intel.microcodePackage = package "intel";
    cpu.amd.updateMicrocode = switch "Whether AMD's microcode is in front of the initrd, where the kernel loads it before all else.";
    cpu.amd.microcodePackage = package "amd";
  };
  config.hardware.firmware = lib.mkIf (config.hardware.enableAllFirmware || config.hardware.enableRedistributableFirmware) [ pkgs.linux-firmware ];
  config.boot.initrd.prepend = lib.mkIf pkgs.stdenv.hostPlatform.isx86 (lib.mkOrder 1 (image "intel" ++ image "amd"));
  config.kernix.leftOut = lib.optionals (!pkgs.stdenv.hostPlatform.isx86) (builtins.filter (name: lib.getAttrFromPath (lib.splitString "." name) config)
    [ "hardware.cpu.intel.updateMicrocode" "hardware.cpu.amd.updateMicrocode" ])
  ++ lib.optional (options.hardware.firmwareCompression.highestPrio < 1500) "hardware.firmwareCompression";
  config.system.build.firmware = pkgs.buildEnv {
    name = "firmware";
    paths = config.hardware.firmware;
    pathsToLink = [ "/lib/firmware" ];
    ignoreCollisions = true;
  };
}
