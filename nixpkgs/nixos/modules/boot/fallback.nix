# SPDX-License-Identifier: GPL-2.0-or-later
# What makes a machine that does not come up restart by itself: the limits of a trial, and watchdogs. Stage 1 and its keeper
# (src/stage1/keeper.c) do it; the parameters of a trial are put into its entry when that is written (src/boot/bootplan.c).
{ config, options, lib, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.boot.kernix;
  software = lib.optional cfg.watchdog.software "softdog";
  isSet = option: option.highestPrio < (lib.mkOptionDefault null).priority;
  limits = lib.optionalAttrs (isSet options.boot.kernix.trialLimit) { inherit (cfg) trialLimit; }
    // lib.optionalAttrs (isSet options.boot.kernix.stage1Limit) { inherit (cfg) stage1Limit; };
  limit = types.nullOr (types.ints.between 1 86400);
in
{
  options.boot.kernix = {
    trialLimit = mkOption {
      type = limit;
      default = 600;
      description = ''
        Seconds in which a generation that is started for the first time must be confirmed (`kernix boot confirm`, which a unit runs on systemd);
        else the machine restarts, with the last good generation. null: it waits for ever. Where there is no systemd only a value that is said holds.
      '';
    };
    stage1Limit = mkOption { type = limit; default = 180; description = "Seconds in which stage 1 of such a start must be through; the time in which a passphrase is typed does not count."; };
    watchdog = {
      enable = mkOption { type = types.bool; default = false; description = "Whether stage 1 starts the watchdog devices that are there, so that a kernel that hangs restarts."; };
      timeout = mkOption { type = types.ints.between 2 3600; default = 60; description = "Seconds after which a watchdog restarts a machine that does nothing."; };
      modules = mkOption { type = types.listOf types.str; default = [ ]; example = [ "iTCO_wdt" ]; description = "Drivers of watchdog devices, which stage 1 loads before all others."; };
      software = mkOption { type = types.bool; default = true; description = "Whether the kernel's own watchdog (softdog) is one of them, where the kernel has it."; };
    };
  };
  config = lib.mkMerge [
    { boot.bootspec.extensions."org.kernix.loader.v1" = lib.mkIf (limits != { }) limits; }
    (lib.mkIf cfg.watchdog.enable {
      # Stage 1 loads these before any other module.
      boot.kernelParams = [ (lib.concatStringsSep "," ([ "kernix.watchdog=${toString cfg.watchdog.timeout}" ] ++ cfg.watchdog.modules ++ software)) ];
      boot.initrd.availableKernelModules = cfg.watchdog.modules;
      boot.initrd.optionalKernelModules = software;
    })
  ];
}
