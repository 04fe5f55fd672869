# SPDX-License-Identifier: GPL-2.0-or-later
# Specialisations with and without the parent's configuration.
# kind: configuration
# says: specialisation.alone.inheritParentConfig = false has no effect
{ config, pkgs, lib, ... }: {
  imports = [ ./hardware/scanned.nix ];
  specialisation = {
    on-the-go.configuration = { system.nixos.tags = [ "on-the-go" ]; hardware.nvidia = { prime.offload.enable = lib.mkForce true; prime.sync.enable = lib.mkForce false; }; };
    zen = { inheritParentConfig = true; configuration = { boot.kernelPackages = lib.mkForce pkgs.linuxPackages_zen; environment.etc."specialisation".text = "zen"; }; };
    alone = { inheritParentConfig = false; configuration = { imports = [ ./hardware/scanned.nix ]; boot.kernelPackages = pkgs.linuxPackages; }; };
  };
}
