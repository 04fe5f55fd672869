# SPDX-License-Identifier: GPL-2.0-or-later
# The small userland of guests: busybox with its applets as links, and an init (stage 2) for systems without systemd.
# guestTools: bin/NAME for every applet.  guestInit: the script, meant to be TOPLEVEL/init; it finds its system by its own
# path, reads what the system's etc/ says, and runs a script or a shell on the console (guest/init.sh tells all).
{ lib, stdenvNoCC, busybox-static }:
rec {
  guestTools = stdenvNoCC.mkDerivation {
    name = "guest-tools";
    busybox = busybox-static;
    preferLocalBuild = true;
    applets = builtins.readFile ./guest/applets;
    buildCommand = ''
      mkdir -p $out/bin
      cp $busybox/bin/busybox $out/bin/busybox
      for applet in $applets; do ln -s busybox $out/bin/$applet; done
      for name in reboot poweroff halt; do
        rm -f $out/bin/$name
        { echo "#!$out/bin/sh"; tail -n +2 ${./guest/end.sh}; } > $out/bin/$name
        chmod +x $out/bin/$name
      done
    '';
    meta.description = "Busybox with its applets";
  };

  guestInit = stdenvNoCC.mkDerivation {
    name = "guest-init";
    tools = guestTools;
    preferLocalBuild = true;
    buildCommand = ''
      { echo "#!$tools/bin/busybox sh"; echo "tools=$tools"; tail -n +2 ${./guest/init.sh}; } > $out
      chmod +x $out
    '';
    meta.description = "Stage 2 of a guest without systemd";
  };
}
