# SPDX-License-Identifier: GPL-2.0-or-later
# Changes to units of NixOS, and units with packages that are not here.
# kind: configuration
# says: systemd.services.iptsd is left out
{ config, pkgs, lib, ... }: {
  imports = [ ./hardware/scanned.nix ];
  systemd.services.NetworkManager-wait-online.enable = lib.mkForce false;
  systemd.targets.sleep.enable = false; systemd.targets.suspend.enable = false; systemd.targets.hibernate.enable = false; systemd.targets.hybrid-sleep.enable = false;
  systemd.extraConfig = "DefaultTimeoutStopSec=10s";
  systemd.services."getty@tty1".enable = false;
  systemd.sleep.extraConfig = "HibernateDelaySec=2h";
  systemd.tmpfiles.rules = [ "L+ /opt/rocm/hip - - - - ${pkgs.rocmPackages.clr}" ];
  systemd.packages = [ pkgs.lact ];
  systemd.services.lactd.wantedBy = [ "multi-user.target" ];
  systemd.services.iptsd.serviceConfig.ExecStop = "${pkgs.lact}/bin/kill -TERM -$MAINPID";
  systemd.timers.gc = { wantedBy = [ "timers.target" ]; timerConfig.OnCalendar = "weekly"; };
  systemd.user.timers.trash.timerConfig.OnCalendar = "daily";
  systemd.oomd.enableRootSlice = true;
  systemd.enableEmergencyMode = false;
  systemd.watchdog.rebootTime = "30s";
  systemd.mounts = [ { where = "/x"; what = "tmpfs"; } ];
  systemd.settings.Manager.DefaultLimitNOFILE = 1048576;
}
