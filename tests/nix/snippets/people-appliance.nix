# SPDX-License-Identifier: GPL-2.0-or-later
# Profiles by modulesPath.
# kind: configuration
{ lib, modulesPath, ... }: {
  imports = [ "${toString modulesPath}/profiles/minimal.nix" "${toString modulesPath}/profiles/qemu-guest.nix" ./hardware/scanned.nix ];
  system.image.id = "appl";
  boot.enableContainers = lib.mkDefault false;
  boot.initrd.systemd.enable = lib.mkDefault true;
  boot.kernelParams = ["console=tty0"];
  documentation.info.enable = lib.mkDefault false;
  networking.useNetworkd = lib.mkDefault true;
  nix.enable = false;
  programs.less.lessopen = lib.mkDefault null;
  services.getty.autologinUser = lib.mkOverride 999 "root";
  environment = { stub-ld.enable = false; ldso32 = null; defaultPackages = lib.mkForce [ ]; };
  services.userborn.enable = true;
}
