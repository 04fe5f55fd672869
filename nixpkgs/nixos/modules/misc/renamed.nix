# SPDX-License-Identifier: GPL-2.0-or-later
# Options by the names that they had in older releases; a definition of one is a definition of the new one, with a warning.
{ lib, ... }:
let
  path = lib.splitString ".";
  renamed = old: new: lib.mkRenamedOptionModule (path old) (path new);
in
{
  imports = lib.mapAttrsToList renamed {
    "boot.cleanTmpDir" = "boot.tmp.cleanOnBoot";
    "boot.tmpOnTmpfs" = "boot.tmp.useTmpfs";
    "boot.tmpOnTmpfsSize" = "boot.tmp.tmpfsSize";
    "boot.extraKernelParams" = "boot.kernelParams";
    "boot.initrd.mdadmConf" = "boot.swraid.mdadmConf";
    "boot.initrd.services.swraid.enable" = "boot.swraid.enable";
    "boot.initrd.services.swraid.mdadmConf" = "boot.swraid.mdadmConf";
    "boot.initrd.extraKernelModules" = "boot.initrd.kernelModules";
    "boot.loader.efi.efibootmgr.enable" = "boot.loader.efi.canTouchEfiVariables";
    "boot.loader.gummiboot.enable" = "boot.loader.systemd-boot.enable";
    "boot.loader.gummiboot.timeout" = "boot.loader.timeout";
    "system.nixosLabel" = "system.nixos.label";
  };
}
