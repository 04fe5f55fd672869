# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel's part of options that are otherwise left to the distribution: which modules, parameters, module packages, firmware, sysctls and
# initrd modules they ask for on NixOS. kernel-part.json is the table, kernel-part-sets.nix has the rows that are more than a table can say.
# Of an option that is in neither, and of what cannot be had, a warning says so by its name. Nothing of it is read where a configuration mentions no such option.
{ config, lib, pkgs, ... }:
let
  part = import ./kernel-part-rows.nix { inherit config lib pkgs; };
  rows = if config._module.undeclared == [ ] || !config.boot.kernel.enable then [ ] else part.rows;
in
{
  options.kernix = {
    kernelPart = lib.mkOption { type = lib.types.raw; internal = true; default = rows; description = "The options whose kernel's part is done here: rows with `option`."; };
    askedBy = lib.mkOption { type = lib.types.raw; internal = true; default = if rows == [ ] then { } else part.askedBy; description = "Modules of the initrd, and the option that asks for them where it is another one than boot.initrd's."; };
  };

  config = lib.mkIf (rows != [ ]) {
    boot = {
      kernelModules = part.modules;
      kernelParams = part.params;
      blacklistedKernelModules = part.blacklist;
      extraModprobeConfig = part.modprobe;
      extraModulePackages = part.modulePackages;
      initrd.kernelModules = part.initrd;
      initrd.availableKernelModules = part.available;
      kernel.sysctl = part.sysctl;
      kernel.sysfs = part.sysfs;
    };
    hardware.firmware = part.firmware;
    system.requiredKernelConfig = part.demands;
    inherit (part) warnings;
  };
}
