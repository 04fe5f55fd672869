# SPDX-License-Identifier: GPL-2.0-or-later
# Texts that become words of a line for programs that know no quoting of line ends: boot entries, fstab, modprobe.d, sysctl.d,
# modules-load.d. A line break in one of them would be a line of its own there, so it is an error that names the option.
{ config, lib, ... }:
let
  inherit (lib) attrNames attrValues concatMap;
  texts = builtins.filter builtins.isString;
  sysctl = config.boot.kernel.sysctl;
  file = fs: [ fs.mountPoint fs.device fs.label fs.fsType ] ++ fs.options;
  rows = {
    "boot.kernelModules" = config.boot.kernelModules;
    "boot.blacklistedKernelModules" = config.boot.blacklistedKernelModules;
    "boot.initrd.kernelModules" = config.boot.initrd.kernelModules;
    "boot.initrd.availableKernelModules" = config.boot.initrd.availableKernelModules;
    "boot.initrd.supportedFilesystems" = attrNames config.boot.initrd.supportedFilesystems;
    "boot.initrd.extraFiles" = attrNames config.boot.initrd.extraFiles;
    "boot.supportedFilesystems" = attrNames config.boot.supportedFilesystems;
    "boot.kernel.sysctl" = attrNames sysctl ++ texts (attrValues sysctl);
    "boot.extraModprobeConfig" = [ (builtins.replaceStrings [ "\n" "\t" ] [ "" "" ] config.boot.extraModprobeConfig) ];
    "environment.etc" = map (f: f.target) (attrValues config.environment.etc);
    fileSystems = concatMap file (attrValues config.fileSystems);
    swapDevices = concatMap (swap: [ swap.device swap.label ] ++ swap.options) config.swapDevices;
    specialisation = attrNames config.specialisation;
    "system.name" = [ config.system.name ];
    "system.configurationRevision" = [ config.system.configurationRevision ];
    "system.stage2" = [ config.system.stage2.shell config.system.stage2.command ];
  } // lib.optionalAttrs config.boot.kernel.enable {
    "boot.kernelParams" = config.boot.kernelParams;
    "boot.kernelPackages.kernel.modDirVersion" = [ config.boot.kernelPackages.kernel.modDirVersion ];
  };
  broken = text: builtins.length (builtins.split "[[:cntrl:]]" text) != 1;
  complaints = option: values: map (text: {
    assertion = false;
    message = "${option}: ${builtins.toJSON text} has a line break or another control character, which boot files cannot hold. Write it on one line.";
  }) (builtins.filter broken (texts values));
  slashes = builtins.filter (lib.hasInfix "/") rows.specialisation;
in
{
  # All texts are looked at in one piece: that they are plain costs next to nothing.
  config.assertions =
    lib.optionals (broken (lib.concatStrings (concatMap texts (attrValues rows)))) (concatMap (option: complaints option rows.${option}) (attrNames rows))
    ++ map (name: { assertion = false; message = "specialisation: ${builtins.toJSON name} is the name of a file and of a boot entry, so it has no '/'."; }) slashes;
}
