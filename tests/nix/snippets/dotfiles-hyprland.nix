# SPDX-License-Identifier: GPL-2.0-or-later
# A desktop with a splash screen.
# kind: configuration
{ config, pkgs, inputs, ... }: { programs.hyprland = { enable = true; package = inputs.hyprland.packages.${pkgs.system}.hyprland; }; services.greetd.enable = true; hardware.bluetooth.enable = true; services.pipewire = { enable = true; alsa.enable = true; pulse.enable = true; }; boot.plymouth.enable = true; boot.kernelParams = [ "quiet" "splash" ]; boot.loader.systemd-boot.enable = true; }
