# SPDX-License-Identifier: GPL-2.0-or-later
# Secure Boot, hooks and secrets of stage 1.
# kind: configuration
# says: boot.initrd.postDeviceCommands is not run
{ lib, pkgs, ... }: {
  imports = [ ./hardware/scanned.nix ];
  boot.loader.systemd-boot.enable = lib.mkForce false;
  boot.lanzaboote = { enable = true; pkiBundle = "/etc/secureboot"; };
  boot.initrd.postDeviceCommands = lib.mkAfter ''
    mkdir /btrfs_tmp
  '';
  boot.initrd.secrets = { "/crypto_keyfile.bin" = null; };
  boot.initrd.luks.devices."luks-7e" = { device = "/dev/disk/by-uuid/7e"; keyFile = "/crypto_keyfile.bin"; };
  boot.resumeDevice = "/dev/disk/by-uuid/1a8f";
  boot.kernelParams = [ "resume_offset=13154304" ];
}
