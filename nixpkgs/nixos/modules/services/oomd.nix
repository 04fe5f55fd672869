# SPDX-License-Identifier: GPL-2.0-or-later
# systemd.oomd: systemd's daemon that kills control groups under memory pressure. The unit is systemd's own; here it is
# enabled and configured.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.systemd.oomd;
  slice = name: lib.nameValuePair "systemd/system/${name}.d/10-oomd.conf" {
    text = "[Slice]\nManagedOOMMemoryPressure=kill\nManagedOOMMemoryPressureLimit=80%\n";
  };
in
{
  options.systemd.oomd = {
    enable = mkOption { type = types.bool; default = false; description = "Whether systemd-oomd runs."; };
    enableRootSlice = mkOption { type = types.bool; default = false; description = "Watch the root slice."; };
    enableSystemSlice = mkOption { type = types.bool; default = false; description = "Watch the system slice."; };
    enableUserSlices = mkOption { type = types.bool; default = false; description = "Watch the users' slices."; };
    extraConfig = mkOption { type = types.attrsOf (types.oneOf [ types.str types.int types.bool ]); default = { }; description = "Settings of oomd.conf."; };
    settings.OOM = mkOption { type = types.attrsOf (types.oneOf [ types.str types.int types.bool ]); default = { }; description = "Settings of oomd.conf."; };
  };
  config = lib.mkIf cfg.enable {
    environment.etc = {
      "systemd/oomd.conf".text = "[OOM]\n" + lib.concatStrings (lib.mapAttrsToList (n: v: "${n}=${if v == true then "true" else if v == false then "false" else toString v}\n") (cfg.extraConfig // cfg.settings.OOM));
      "systemd/system/multi-user.target.wants/systemd-oomd.service".source = "/usr/lib/systemd/system/systemd-oomd.service";
      "systemd/system/sockets.target.wants/systemd-oomd.socket".source = "/usr/lib/systemd/system/systemd-oomd.socket";
    } // lib.listToAttrs (lib.optional cfg.enableRootSlice (slice "-.slice") ++ lib.optional cfg.enableSystemSlice (slice "system.slice") ++ lib.optional cfg.enableUserSlices (slice "user-.slice"));
    system.requiredKernelConfig = with config.lib.kernelConfig; [ (isYes "PSI") (isYes "CGROUPS") (isYes "MEMCG") ];
  };
}
