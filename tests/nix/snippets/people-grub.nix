# SPDX-License-Identifier: GPL-2.0-or-later
# GRUB and Plymouth with themes.
# kind: configuration
{ config, pkgs, lib, ... }: {
  imports = [ ./hardware/scanned.nix ];
  boot.loader.grub = { enable = true; device = "nodev"; copyKernels = true; efiSupport = true; enableCryptodisk = true; useOSProber = true; theme = "${pkgs.catppuccin-grub}"; gfxmodeEfi = "1920x1080"; default = "saved"; splashImage = ./bg.png; fontSize = 24; memtest86.enable = true; extraConfig = "set x=1"; };
  boot.loader.grub.extraEntries = ''
    menuentry "Reboot" { reboot }
  '';
  boot.loader.timeout = null;
  boot.plymouth = { enable = true; theme = "rings"; themePackages = with pkgs; [ (adi1090x-plymouth-themes.override { selected_themes = [ "rings" ]; }) ]; font = "${pkgs.iosevka}/x.ttc"; };
  boot.consoleLogLevel = 3; boot.initrd.verbose = false;
  boot.kernelParams = [ "quiet" "rd.udev.log_level=3" "udev.log_priority=3" "vt.global_cursor_default=0" ];
}
