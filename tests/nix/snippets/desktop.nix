# SPDX-License-Identifier: GPL-2.0-or-later
# A whole configuration.nix of a desktop: what is no business of the kernel is accepted and named.
# kind: configuration
{ config, lib, pkgs, ... }:

{
  imports =
    [
      ./hardware/scanned.nix
    ];

 
  boot.loader.systemd-boot.enable = true;
  boot.loader.efi.canTouchEfiVariables = true;

  networking.hostName = "nixos";
  networking.networkmanager.enable = true;
  time.timeZone = "Europe/Amsterdam";
  i18n.defaultLocale = "en_US.UTF-8";
  console = {
    font = "Lat2-Terminus16";
    useXkbConfig = true;
  };
  services.xserver.enable = true;
  services.printing.enable = true;
  services.pipewire = {
    enable = true;
    pulse.enable = true;
  };
  users.users.alice = {
    isNormalUser = true;
    extraGroups = [ "wheel" ];
    packages = with pkgs; [
      tree
    ];
  };
  environment.systemPackages = with pkgs; [
    vim
    wget
  ];
  programs.mtr.enable = true;
  services.openssh.enable = true;
  networking.firewall.allowedTCPPorts = [ 22 ];
  system.copySystemConfiguration = true;
  system.stateVersion = "25.05";

  boot.kernelPackages = pkgs.linuxPackages_6_12; # the newest that ZFS knows
  boot.supportedFilesystems = [ "ntfs" "zfs" ];
  boot.zfs.forceImportRoot = false;
  boot.tmp.useTmpfs = true;
  boot.blacklistedKernelModules = [ "nouveau" ];
  boot.extraModprobeConfig = ''
    options kvm_intel nested=1
  '';
  boot.kernelParams = [ "intel_iommu=on" "iommu=pt" ];
  boot.kernel.sysctl = {
    "vm.swappiness" = lib.mkDefault 10;
    "net.core.default_qdisc" = "fq";
  };
  boot.initrd.luks.devices."cryptroot".device = "/dev/disk/by-uuid/xxx";
  hardware.graphics.enable = true;
  hardware.firmware = [ pkgs.linux-firmware ];
  zramSwap.enable = true;
  security.lockKernelModules = false;
  boot.binfmt.emulatedSystems = [ "aarch64-linux" ];
}
