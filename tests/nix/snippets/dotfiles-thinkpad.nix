# SPDX-License-Identifier: GPL-2.0-or-later
# A ThinkPad.
# kind: configuration
{ config, pkgs, lib, ... }: { boot = { initrd.kernelModules = [ "acpi_call" ]; extraModulePackages = with config.boot.kernelPackages; [ acpi_call tp_smapi ]; }; services.tlp = { enable = true; settings = { START_CHARGE_THRESH_BAT0 = 75; }; }; services.thinkfan.enable = true; services.fprintd.enable = true; hardware.trackpoint.enable = lib.mkDefault true; services.throttled.enable = lib.mkDefault true; services.undervolt = { enable = true; coreOffset = -90; }; }
