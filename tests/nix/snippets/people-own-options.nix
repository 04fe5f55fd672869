# SPDX-License-Identifier: GPL-2.0-or-later
# Options of one's own, among those that are left to the distribution.
# kind: configuration
{ config, pkgs, lib, ... }: {
  imports = [ ./hardware/scanned.nix ];
  options.my.desktop = { enable = lib.mkEnableOption "the desktop"; kernel = lib.mkOption { type = lib.types.enum [ "zen" "lts" ]; default = "zen"; }; };
  options.programs.hamster.enable = lib.mkEnableOption "hamster";
  options.services.mything.enable = lib.mkEnableOption "mything";
  options.users.mine = lib.mkOption { type = lib.types.str; default = "me"; };
  options.nix.mine = lib.mkOption { type = lib.types.str; default = "me"; };
  config = lib.mkMerge [
    { my.desktop.enable = true; programs.hamster.enable = true; }
    (lib.mkIf config.my.desktop.enable { boot.kernelPackages = { zen = pkgs.linuxPackages_zen; lts = pkgs.linuxPackages; }.${config.my.desktop.kernel}; environment.systemPackages = [ pkgs.hamster ]; })
    (lib.mkIf config.programs.hamster.enable { services.dbus.packages = [ pkgs.hamster ]; })
  ];
}
