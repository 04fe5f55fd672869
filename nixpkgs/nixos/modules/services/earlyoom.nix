# SPDX-License-Identifier: GPL-2.0-or-later
# services.earlyoom: kills the largest process before the machine freezes for want of memory.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.services.earlyoom;
  percent = default: text: mkOption { type = types.nullOr (types.ints.between 1 100); inherit default; description = text; };
  pair = first: second: if second == null then toString first else "${toString first},${toString second}";
in
{
  options.services.earlyoom = {
    enable = lib.mkEnableOption "early out-of-memory killing";
    package = mkOption { type = types.package; default = pkgs.earlyoom; description = "The package."; };
    freeMemThreshold = percent 10 "Percentage of free memory below which processes are asked to end.";
    freeMemKillThreshold = percent null "Percentage of free memory below which they are killed.";
    freeSwapThreshold = percent 10 "Percentage of free swap below which processes are asked to end.";
    freeSwapKillThreshold = percent null "Percentage of free swap below which they are killed.";
    enableNotifications = mkOption { type = types.bool; default = false; description = "Whether desktops are told."; };
    enableDebugInfo = mkOption { type = types.bool; default = false; description = "More messages."; };
    reportInterval = mkOption { type = types.int; default = 3600; description = "Seconds between two reports."; };
    killHook = mkOption { type = types.nullOr types.path; default = null; description = "Program that is run for each killed process."; };
    extraArgs = mkOption { type = types.listOf types.str; default = [ ]; description = "Further arguments."; };
  };
  config = lib.mkIf cfg.enable {
    systemd.services.earlyoom = {
      required = true;
      description = "Early OOM daemon";
      wantedBy = [ "multi-user.target" ];
      serviceConfig = {
        ExecStart = lib.concatStringsSep " " ([ "${cfg.package}/bin/earlyoom" "-m ${pair cfg.freeMemThreshold cfg.freeMemKillThreshold}" "-s ${pair cfg.freeSwapThreshold cfg.freeSwapKillThreshold}" "-r ${toString cfg.reportInterval}" ]
          ++ lib.optional cfg.enableDebugInfo "-d" ++ lib.optional cfg.enableNotifications "-n"
          ++ lib.optional (cfg.killHook != null) "-N ${cfg.killHook}" ++ cfg.extraArgs);
        Restart = "always";
        OOMScoreAdjust = -100;
      };
    };
  };
}
