# SPDX-License-Identifier: GPL-2.0-or-later
# Overlays and overrides of packages that are not in this package set.
# kind: configuration
{ config, pkgs, lib, ... }:
let my-emacs = pkgs.callPackage ./emacs.nix {}; in {
  imports = [ ./hardware/scanned.nix ];
  nix = { distributedBuilds = true; buildMachines = [ { hostName = "sns44"; systems = [ "x86_64-linux" ]; } ]; };
  nixpkgs = { config.allowUnfreePredicate = pkg: builtins.elem (lib.getName pkg) [ "corefonts" ];
    overlays = [ (self: super: { tree-sitter-grammars = super.tree-sitter-grammars // { }; }) ]; };
  boot.binfmt.emulatedSystems = [ "aarch64-linux" ];
  environment.etc."NetworkManager/system-connections" = { source = "/var/state/networkmanager-connections"; };
  fonts.packages = with pkgs; [ (nerdfonts.override { fonts = [ "Hack" ]; }) ];
  services.emacs = { enable = true; package = my-emacs; };
  services.acpid.lidEventCommands = "x ${pkgs.gawk}/bin/awk";
  systemd.user.services.emacs = { serviceConfig.Slice = "session.slice"; environment.XMODIFIERS = "x"; };
  environment.systemPackages = [ my-emacs ] ++ (with pkgs; [ vim notmuch.emacs (python3.withPackages (p: with p; [ python-lsp-server ])) ]);
  system.extraSystemBuilderCmds = "ln -s ${./.} $out/nixos-config";
}
