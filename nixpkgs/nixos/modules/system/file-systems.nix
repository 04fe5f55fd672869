# SPDX-License-Identifier: GPL-2.0-or-later
# fileSystems and swapDevices: what is mounted where. Stage 1 mounts what is needed for boot; the rest is in etc/fstab.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  spaces = builtins.replaceStrings [ " " "\t" ] [ "\\040" "\\011" ];
  deviceOf = fs: if fs.device != null then fs.device else if fs.label != null then "/dev/disk/by-label/${fs.label}"
    else throw "fileSystems.\"${fs.mountPoint}\" needs `device` or `label`";
  line = fs: "${spaces (deviceOf fs)} ${spaces fs.mountPoint} ${fs.fsType} ${lib.concatStringsSep "," fs.options} 0 ${if fs.noCheck || fs.fsType == "none" then "0" else if fs.mountPoint == "/" then "1" else "2"}\n";
  ordered = lib.sort (a: b: a.mountPoint < b.mountPoint) (builtins.attrValues config.fileSystems);
in
{
  options = {
    fileSystems = mkOption {
      default = { };
      example = lib.literalExpression ''{ "/".device = "/dev/disk/by-label/root"; }'';
      description = "File systems, by where they are mounted.";
      type = types.attrsOf (types.submodule ({ name, config, ... }: {
        options = {
          mountPoint = mkOption { type = types.str; default = name; description = "Where it is mounted."; };
          device = mkOption { type = types.nullOr types.str; default = null; description = "/dev/..., UUID=, LABEL=, PARTUUID=."; };
          label = mkOption { type = types.nullOr types.str; default = null; description = "Label of the volume, in place of device."; };
          fsType = mkOption { type = types.str; default = "auto"; description = "Type of the file system."; };
          options = mkOption { type = types.listOf types.str; default = [ "defaults" ]; description = "Mount options."; };
          neededForBoot = mkOption { type = types.bool; default = false; description = "Whether stage 1 mounts it."; };
          noCheck = mkOption { type = types.bool; default = false; description = "Never check it."; };
          autoResize = mkOption { type = types.bool; default = false; visible = false; };
          autoFormat = mkOption { type = types.bool; default = false; visible = false; };
          depends = mkOption { type = types.listOf types.str; default = [ ]; visible = false; };
        };
      }));
    };
    swapDevices = mkOption {
      default = [ ];
      description = "Swap space.";
      type = types.listOf (types.submodule {
        options = {
          device = mkOption { type = types.str; default = ""; };
          label = mkOption { type = types.nullOr types.str; default = null; };
          size = mkOption { type = types.nullOr types.int; default = null; };
          priority = mkOption { type = types.nullOr types.int; default = null; };
          randomEncryption = mkOption { type = types.anything; default = false; };
          options = mkOption { type = types.listOf types.str; default = [ "defaults" ]; };
        };
      });
    };
    boot.supportedFilesystems = mkOption {
      type = types.coercedTo (types.listOf types.str) (names: lib.genAttrs names (_: true)) (types.attrsOf types.bool);
      default = { };
      description = "File systems that the system can mount.";
    };
    boot.resumeDevice = mkOption { type = types.str; default = ""; example = "/dev/sda3"; description = "Where the memory's image is after hibernation."; };
    boot.tmp.cleanOnBoot = mkOption { type = types.bool; default = false; description = "Whether /tmp is emptied at boot."; };
    boot.tmp.tmpfsSize = mkOption { type = types.either types.str types.int; default = "50%"; description = "Size of /tmp."; };
    boot.tmp.useTmpfs = mkOption { type = types.bool; default = false; description = "Whether /tmp is a tmpfs."; };
  };

  config.boot.kernelParams = lib.mkIf (config.boot.resumeDevice != "") [ "resume=${config.boot.resumeDevice}" ];
  config.boot.postBootCommands = lib.mkIf config.boot.tmp.cleanOnBoot "find /tmp -mindepth 1 -delete";
  config.environment.etc.fstab = lib.mkIf (config.fileSystems != { } || config.swapDevices != [ ]) {
    text = lib.concatMapStrings line ordered
      + lib.concatMapStrings (swap: "${if swap.label != null then "LABEL=${swap.label}" else swap.device} none swap ${lib.concatStringsSep "," swap.options} 0 0\n") config.swapDevices;
  };
}
