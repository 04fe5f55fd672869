# SPDX-License-Identifier: GPL-2.0-or-later
# What hangs on options that are left to the distribution.
# kind: configuration
{ config, pkgs, lib, ... }: {
  imports = [ ./hardware/scanned.nix ];
  boot.kernelModules = lib.optionals config.virtualisation.libvirtd.enable [ "vfio" "vfio_pci" ];
  boot.kernelParams = lib.mkIf config.services.xserver.enable [ "splash" ];
  users.users.a.extraGroups = lib.mkIf config.networking.networkmanager.enable [ "networkmanager" ];
  boot.initrd.systemd.enable = lib.mkDefault (!config.boot.swraid.enable && !config.boot.isContainer);
  boot.blacklistedKernelModules = lib.optional config.hardware.bluetooth.enable "btusb";
}
