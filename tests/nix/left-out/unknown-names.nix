# SPDX-License-Identifier: GPL-2.0-or-later
# Packages and options that nobody here knows, files that are not there: attribute missing, which Nix cannot catch.
# says: systemd.services.a is left out: attribute 'nosuchpackage' missing.
# says: systemd.services.b is left out: undefined variable 'nosuchthing'.
# says: systemd.services.c is left out: attribute 'nosuchmodule' missing.
# says: systemd.services.d is left out:
# says: systemd.timers.e is left out: attribute 'nosuchmodule' missing.
# says: environment.etc."f" is left out: attribute 'nosuchpackage' missing.
{ config, pkgs, ... }: {
  systemd.services.a.path = [ pkgs.nosuchpackage ];
  systemd.services.a.script = "x";
  systemd.services.b.script = with pkgs; "${nosuchthing}/bin/x";
  systemd.services.c.serviceConfig.ExecStart = config.nosuchmodule.program;
  systemd.services.d.script = builtins.readFile ./no-such-file;
  systemd.services.fine.script = "x";
  systemd.timers.e.timerConfig.OnCalendar = config.nosuchmodule.time;
  environment.etc."f".source = "${pkgs.nosuchpackage}/f";
  system.extraDependencies = [ pkgs.nosuchpackage ];
}
