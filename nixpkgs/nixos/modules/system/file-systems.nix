# SPDX-License-Identifier: GPL-2.0-or-later
# fileSystems and swapDevices: what is mounted where. Stage 1 mounts what is needed for boot; the rest is in etc/fstab.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  spaces = builtins.replaceStrings [ " " "\t" ] [ "\\040" "\\011" ];
  deviceOf = fs: if fs.device != null then fs.device else if fs.label != null then "/dev/disk/by-label/${fs.label}"
    else if builtins.elem fs.fsType [ "tmpfs" "ramfs" "overlay" "proc" "sysfs" "devtmpfs" "debugfs" "tracefs" "efivarfs" "configfs" ] then fs.fsType
    else throw "fileSystems.\"${fs.mountPoint}\" needs `device` or `label`";
  line = fs: "${spaces (deviceOf fs)} ${spaces fs.mountPoint} ${spaces fs.fsType} ${spaces (lib.concatStringsSep "," fs.options)} 0 ${if fs.noCheck || fs.fsType == "none" then "0" else if fs.mountPoint == "/" then "1" else "2"}\n";
  overlayOf = fs: [ "lowerdir=${lib.concatMapStringsSep ":" toString fs.overlay.lowerdir}" ]
    ++ lib.optionals (fs.overlay.upperdir != null && fs.overlay.workdir != null) [ "upperdir=${fs.overlay.upperdir}" "workdir=${fs.overlay.workdir}" ];
  overlayType = types.submodule {
    options = {
      lowerdir = mkOption { type = types.nullOr (types.nonEmptyListOf (types.either types.str types.path)); default = null; description = "Folders that are seen one through the other, the uppermost first."; };
      upperdir = mkOption { type = types.nullOr types.str; default = null; description = "Where changes go; without one nothing can be written."; };
      workdir = mkOption { type = types.nullOr types.str; default = null; description = "An empty folder on the file system of upperdir."; };
      useStage1BaseDirectories = mkOption { type = types.bool; default = true; visible = false; };
    };
  };
  overlays = builtins.filter (fs: fs.overlay.lowerdir != null || fs.overlay.upperdir != null || fs.overlay.workdir != null) (builtins.attrValues config.fileSystems);
  swapOptions = swap: swap.options ++ lib.optional (swap.priority != null) "pri=${toString swap.priority}"
    ++ lib.optional (swap.discardPolicy != null) "discard${lib.optionalString (swap.discardPolicy != "both") "=${swap.discardPolicy}"}";
  encryptedType = types.submodule {
    options = {
      enable = mkOption { type = types.bool; default = false; description = "Whether stage 1 opens an encrypted device (LUKS) for it: boot.initrd.luks.devices."; };
      blkDev = mkOption { type = types.nullOr types.str; default = null; description = "The encrypted device."; };
      label = mkOption { type = types.nullOr types.str; default = null; description = "Name of the opened device, below /dev/mapper."; };
      keyFile = mkOption { type = types.nullOr types.str; default = null; description = "Device or file of the initrd that holds the key; without one a passphrase is asked for."; };
    };
  };
  encrypted = builtins.filter (entry: entry.encrypted.enable) (map (fs: { place = "fileSystems.\"${fs.mountPoint}\""; inherit (fs) encrypted; }) ordered
    ++ map (swap: { place = "swapDevices (${swap.device})"; inherit (swap) encrypted; }) config.swapDevices);
  isWhole = entry: entry.encrypted.blkDev != null && entry.encrypted.label != null;
  # What stage 1 can resume from.
  resumes = builtins.match "/dev/.+|(UUID|LABEL|PARTUUID|PARTLABEL)=.+|[0-9]+:[0-9]+" config.boot.resumeDevice != null;
  ordered = lib.sort (a: b: a.mountPoint < b.mountPoint) (builtins.attrValues config.fileSystems);

  # What NixOS does to disks at boot, and nobody does here.
  undone = fs: lib.optional fs.autoResize "autoResize" ++ lib.optional fs.autoFormat "autoFormat" ++ lib.optional (fs.stratis != { }) "stratis";
  undoneSwap = swap: lib.optional (swap.randomEncryption.enable or false) "randomEncryption" ++ lib.optional (swap.size != null) "size";
  said = place: names: lib.optional (names != [ ]) "${place}: ${lib.concatStringsSep ", " names} ${if lib.length names == 1 then "has" else "have"} no effect: disks are set up with the distribution's own tools.";
in
{
  options = {
    fileSystems = mkOption {
      default = { };
      example = lib.literalExpression ''{ "/".device = "/dev/disk/by-label/root"; }'';
      description = "File systems, by where they are mounted.";
      type = types.attrsOf (types.submodule ({ name, config, ... }: {
        options = {
          enable = mkOption { type = types.bool; default = true; description = "Whether it is one of the file systems."; };
          mountPoint = mkOption { type = types.str; default = name; description = "Where it is mounted."; };
          device = mkOption { type = types.nullOr types.str; default = null; description = "/dev/..., UUID=, LABEL=, PARTUUID=."; };
          label = mkOption { type = types.nullOr types.str; default = null; description = "Label of the volume, in place of device."; };
          fsType = mkOption { type = types.str; default = "auto"; description = "Type of the file system."; };
          options = mkOption { type = types.listOf types.str; default = [ "defaults" ]; description = "Mount options."; };
          neededForBoot = mkOption { type = types.bool; default = false; description = "Whether stage 1 mounts it."; };
          noCheck = mkOption { type = types.bool; default = false; description = "Never check it."; };
          autoResize = mkOption { type = types.bool; default = false; visible = false; };
          autoFormat = mkOption { type = types.bool; default = false; visible = false; };
          depends = mkOption { type = types.listOf types.str; default = [ ]; example = [ "/persist" ]; description = "Paths whose file systems are mounted before it."; };
          formatOptions = mkOption { type = types.nullOr types.str; default = null; visible = false; };
          encrypted = mkOption { type = encryptedType; default = { }; description = "{ enable; blkDev; label; keyFile; } of an encrypted device below it."; };
          stratis = mkOption { type = types.attrsOf types.raw; default = { }; visible = false; };
          overlay = mkOption { type = overlayType; default = { }; description = "{ lowerdir = [ ]; upperdir; workdir; } of an overlay."; };
        };
        config = lib.mkIf (config.overlay.lowerdir != null) {
          fsType = "overlay";
          device = lib.mkDefault "overlay";
          depends = map toString (config.overlay.lowerdir ++ builtins.filter (folder: folder != null) [ config.overlay.upperdir config.overlay.workdir ]);
          options = overlayOf config;
        };
      }));
      apply = lib.filterAttrs (_: fs: fs.enable);
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
          randomEncryption = mkOption { type = types.coercedTo types.bool (enable: { inherit enable; }) (types.attrsOf types.raw); default = { enable = false; }; };
          encrypted = mkOption { type = encryptedType; default = { }; description = "{ enable; blkDev; label; keyFile; } of an encrypted device below it."; };
          discardPolicy = mkOption { type = types.nullOr (types.enum [ "once" "pages" "both" ]); default = null; };
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
  };

  config.warnings = lib.concatMap (fs: said "fileSystems.\"${fs.mountPoint}\"" (undone fs)) ordered ++ lib.concatMap (swap: said "swapDevices (${swap.device})" (undoneSwap swap)) config.swapDevices
    ++ lib.optional (config.boot.resumeDevice != "" && !resumes) "boot.resumeDevice = \"${config.boot.resumeDevice}\" names no device (/dev/..., UUID=...), so nothing is resumed from: hibernation is lost at the next start. Without the option nothing is resumed from, either.";
  config.assertions = lib.concatMap (fs: [
    { assertion = fs.overlay.lowerdir != null; message = "fileSystems.\"${fs.mountPoint}\".overlay needs lowerdir, a list of folders."; }
    { assertion = (fs.overlay.upperdir == null) == (fs.overlay.workdir == null); message = "fileSystems.\"${fs.mountPoint}\".overlay: upperdir and workdir are given both or not at all."; }
  ]) overlays ++ map (entry: {
    assertion = isWhole entry;
    message = "${entry.place}.encrypted needs blkDev, the encrypted device, and label, the name of what is opened (/dev/mapper/LABEL).";
  }) encrypted;
  config.boot.initrd.luks.devices = builtins.listToAttrs (map (entry: {
    name = entry.encrypted.label;
    value = { device = lib.mkDefault entry.encrypted.blkDev; keyFile = lib.mkDefault entry.encrypted.keyFile; };
  }) (builtins.filter isWhole encrypted));
  config.boot.kernelParams = lib.mkIf resumes [ "resume=${config.boot.resumeDevice}" ];
  config.environment.etc.fstab = lib.mkIf (config.fileSystems != { } || config.swapDevices != [ ]) {
    text = lib.concatMapStrings line ordered
      + lib.concatMapStrings (swap: "${if swap.label != null then "LABEL=${swap.label}" else swap.device} none swap ${lib.concatStringsSep "," (swapOptions swap)} 0 0\n") config.swapDevices;
  };
}
