# SPDX-License-Identifier: GPL-2.0-or-later
# The boot loader. On a distribution of its own kernix adds entries to the loader that is there (src/boot/bootentry);
# these options say which and how long it waits.
{ config, options, lib, ... }:
let
  inherit (lib) mkOption types;
  switch = text: mkOption { type = types.bool; default = false; description = text; };
in
{
  options.boot = {
    loader = {
      timeout = mkOption { type = types.nullOr types.int; default = 5; description = "Seconds that the menu waits; null for ever."; };
      # The distribution's own GRUB or systemd-boot is what starts: entries are added to it, and what else configures it stays with it.
      grub.enable = mkOption { type = types.bool; default = !config.boot.loader.systemd-boot.enable; description = "Whether GRUB is used: entries are added to the configuration that the distribution has."; };
      grub.configurationLimit = mkOption { type = types.int; default = 100; description = "Largest number of generations in the menu."; };
      systemd-boot.enable = switch "Whether entries are written for systemd-boot, or another loader that reads the Boot Loader Specification's entries.";
      systemd-boot.configurationLimit = mkOption { type = types.nullOr types.int; default = null; description = "Largest number of generations in the menu."; };
      efi = {
        canTouchEfiVariables = switch "Whether EFI variables may be changed.";
        efiSysMountPoint = mkOption { type = types.str; default = "/boot"; description = "Where the EFI system partition is mounted: it is found at /efi, /boot/efi and /boot."; };
      };
      generic-extlinux-compatible.enable = switch "Whether extlinux.conf is written, for U-Boot.";
      generic-extlinux-compatible.configurationLimit = mkOption { type = types.int; default = 20; description = "Largest number of generations in the menu."; };
    };
    bootspec.enable = mkOption { type = types.bool; default = true; description = "Whether boot.json is written."; };
    bootspec.extensions = mkOption { type = types.attrsOf types.anything; default = { }; description = "Further members of boot.json."; };
    kernelTarget = mkOption { type = types.str; visible = false; default = config.boot.kernelPackages.kernel.target or "bzImage"; };
  };
  config.boot.bootspec.extensions."org.kernix.loader.v1" =
    let inherit (config.boot.loader) systemd-boot generic-extlinux-compatible grub;
        loader = if systemd-boot.enable then systemd-boot else if generic-extlinux-compatible.enable then generic-extlinux-compatible else grub;
        timeout = config.boot.loader.timeout;
        # One that nobody set leaves the menu as the distribution has it.
        isSet = options.boot.loader.timeout.highestPrio < (lib.mkOptionDefault null).priority;
        isSaid = option: option.highestPrio < (lib.mkOptionDefault null).priority;
        # Which of several loaders on the machine is meant.
        name = if systemd-boot.enable then "systemd-boot" else if generic-extlinux-compatible.enable then "extlinux"
          else if grub.enable && isSaid options.boot.loader.grub.enable then "grub" else null;
        facts = lib.optionalAttrs (loader.configurationLimit != null) { inherit (loader) configurationLimit; }
          // lib.optionalAttrs (name != null) { inherit name; }
          // lib.optionalAttrs isSet { timeout = if timeout == null then -1 else timeout; };
    in lib.mkIf (facts != { }) facts;
  config.warnings = lib.optional (!builtins.elem config.boot.loader.efi.efiSysMountPoint [ "/boot" "/boot/efi" "/efi" ])
    "boot.loader.efi.efiSysMountPoint = \"${config.boot.loader.efi.efiSysMountPoint}\" has no effect: the EFI system partition is looked for where it is mounted at /efi, /boot/efi or /boot.";
  options.system.boot.loader = {
    id = mkOption { type = types.str; default = ""; internal = true; };
    kernelFile = mkOption { type = types.str; internal = true; default = config.boot.kernelPackages.kernel.target or "bzImage"; };
    initrdFile = mkOption { type = types.str; internal = true; default = "initrd"; };
  };
}
