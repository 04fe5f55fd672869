# SPDX-License-Identifier: GPL-2.0-or-later
# Options of modules that only a flake imports.
# kind: configuration
# says: home-manager
{ config, pkgs, lib, ... }: {
  imports = [ ./hardware/scanned.nix ];
  home-manager.users.alice = { pkgs, ... }: { home.packages = [ pkgs.atool ]; home.stateVersion = "24.05"; };
  home-manager.useGlobalPkgs = true;
  stylix.enable = true; sops.secrets.x = { }; age.secrets.y.file = ./y.age; disko.devices.disk.main = { type = "disk"; };
  catppuccin.enable = true; jovian.steam.enable = true; microvm.vms = { }; nur.x = 1; chaotic.mesa-git.enable = true; wsl.enable = true; hjem.users.a = { }; facter.reportPath = ./f.json; preservation.enable = true; isoImage.x = 1; nixos-cli.enable = true;
}
