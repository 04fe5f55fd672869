# SPDX-License-Identifier: GPL-2.0-or-later
# Displays that lie.
# kind: configuration
# says: hardware.display.edid.modelines
{ pkgs, ... }: { hardware.display = { edid = { enable = true; packages = [ (pkgs.runCommand "edid-custom" { } "mkdir -p $out/lib/firmware/edid; echo x > $out/lib/firmware/edid/a.bin") ]; modelines."PG278Q_60" = "241.50 2560 2608 2640 2720 1440 1443 1448 1481 -hsync +vsync"; }; outputs."DP-1" = { edid = "a.bin"; mode = "e"; }; }; boot.kernelParams = [ "video=HDMI-A-1:1920x1080@60" ]; }
