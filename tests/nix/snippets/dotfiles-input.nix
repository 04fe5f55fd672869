# SPDX-License-Identifier: GPL-2.0-or-later
# Input devices of many kinds.
# kind: configuration
{ services.kanata.enable = true; services.keyd = { enable = true; keyboards.default.ids = [ "*" ]; }; programs.ydotool.enable = true; hardware.uinput.enable = true; services.xserver.digimend.enable = true; hardware.opentabletdriver.enable = true; hardware.openrazer.enable = true; services.hardware.openrgb = { enable = true; motherboard = "amd"; }; hardware.ckb-next.enable = true; }
