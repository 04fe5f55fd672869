# SPDX-License-Identifier: GPL-2.0-or-later
# Whole modules that do.
# kind: configuration
{ config, pkgs, lib, ... }: {
  imports = [ ./hardware/scanned.nix ({ config, ... }: { config = lib.mkIf config.services.xserver.enable { boot.kernelParams = [ "x" ]; environment.systemPackages = [ pkgs.xterm ]; }; })
    ({ config, ... }: { config = lib.mkIf config.programs.hyprland.enable { programs.waybar.enable = true; }; }) ];
  services.xserver.enable = true;
}
