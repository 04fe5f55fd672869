# SPDX-License-Identifier: GPL-2.0-or-later
# Files in /etc, some with packages that are not here.
# kind: configuration
# says: environment.etc."issue"
{ config, pkgs, lib, ... }: { imports = [ ./hardware/scanned.nix ];
  environment.etc = { "greetd/environments".text = "sway\n"; "issue".source = "${pkgs.grub2}/x"; nixos.source = "/persist/etc/nixos"; "sysctl.d/99-x.conf".text = "vm.swappiness=1\n"; "X11/xorg.conf.d/1.conf" = { text = "x"; mode = "0444"; }; };
  environment.sessionVariables.NIXOS_OZONE_WL = "1"; environment.shellAliases.ll = "ls -l"; environment.interactiveShellInit = "x"; environment.loginShellInit = "x"; environment.pathsToLink = [ "/share/zsh" ]; environment.gnome.excludePackages = with pkgs; [ epiphany ]; environment.plasma6.excludePackages = [ pkgs.kdePackages.oxygen ]; environment.localBinInPath = true; environment.extraInit = ""; environment.profileRelativeSessionVariables = { }; environment.wordlist.enable = true; environment.memoryAllocator.provider = "libc"; environment.enableAllTerminfo = true; environment.homeBinInPath = true;
}
