# SPDX-License-Identifier: GPL-2.0-or-later
# A server on ZFS with secrets that are not there.
# kind: configuration
# says: virtualisation.docker
{ pkgs, lib, modulesPath, config, ... }:
let secrets = import ./no-secrets.nix; in {
  imports = [ (modulesPath + "/installer/scan/not-detected.nix") (modulesPath + "/profiles/qemu-guest.nix") ./hardware/scanned.nix ];
  boot = {
    loader = { grub = { enable = true; efiSupport = true; efiInstallAsRemovable = true; device = "nodev"; }; efi.canTouchEfiVariables = false; };
    initrd = { availableKernelModules = [ "usbhid" ]; kernelModules = [ ]; };
    zfs = { devNodes = "/dev"; forceImportRoot = false; forceImportAll = false; };
    kernelParams = [ "boot.shell_on_fail" "panic=30" ];
    tmp.cleanOnBoot = true;
  };
  networking = { wireless = { enable = true; networks.att.psk = secrets.att.psk; }; firewall.enable = true; hostId = "8425e349"; hostName = "thelio_mega"; };
  environment.systemPackages = [ pkgs.coreutils pkgs.util-linux ];
  services.zfs.autoSnapshot.enable = true;
  systemd.coredump.enable = true;
  virtualisation.docker = { enable = true; storageDriver = "zfs"; autoPrune.enable = true; };
  nix = { nixPath = [ "nixpkgs=${pkgs.path}" ]; gc.automatic = false; };
  nix.settings = { trusted-users = [ "root" ]; cores = 16; };
  nix.extraOptions = lib.mkOrder 1 "keep-outputs = true\n";
  nixpkgs = { config = { allowUnfree = true; allowBroken = false; permittedInsecurePackages = [ ]; }; overlays = [ ]; };
  time = { timeZone = "America/Chicago"; hardwareClockInLocalTime = false; };
  xdg.portal = { enable = true; extraPortals = with pkgs; [ xdg-desktop-portal-gtk ]; };
  system.stateVersion = "23.05";
}
