# SPDX-License-Identifier: GPL-2.0-or-later
# Laptops of TUXEDO and System76.
# kind: configuration
{ pkgs, ... }: { hardware.tuxedo-drivers.enable = true; hardware.tuxedo-rs = { enable = true; tailor-gui.enable = true; }; hardware.system76.enableAll = true; services.system76-scheduler.enable = true; services.power-profiles-daemon.enable = false; }
