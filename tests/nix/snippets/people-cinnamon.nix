# SPDX-License-Identifier: GPL-2.0-or-later
# A desktop with programs that are not in this package set, one of them configured by a file that is not there.
# kind: configuration
# says: environment.systemPackages
{ config, pkgs, ... }: {
  imports = [ ./hardware/scanned.nix ];
  boot.loader.systemd-boot.enable = true; boot.loader.efi.canTouchEfiVariables = true; boot.loader.timeout = 0;
  security.sudo.wheelNeedsPassword = false;
  networking.networkmanager.enable = true; time.timeZone = "Europe/Rome";
  i18n.extraLocaleSettings = { LC_TIME = "it_IT.UTF-8"; };
  services.xserver = { enable = true; displayManager.lightdm.enable = true; desktopManager.cinnamon.enable = true; xkb = { layout = "it"; variant = ""; }; };
  users.defaultUserShell = pkgs.zsh;
  programs.zsh = { enable = true; autosuggestions.enable = true; };
  programs.neovim = { enable = true; configure.customRC = builtins.readFile ./no-such-vimrc; };
  fonts.packages = with pkgs; [ dejavu_fonts noto-fonts nerd-fonts.symbols-only ];
  nixpkgs.config.allowUnfree = true;
  environment.systemPackages = with pkgs; [ wget openssh git vscode firefox ];
  system.stateVersion = "25.11";
}
