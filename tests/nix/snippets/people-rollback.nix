# SPDX-License-Identifier: GPL-2.0-or-later
# An encrypted root that is rolled back in stage 1.
# kind: configuration
# says: boot.initrd.systemd.enable has no effect
# says: boot.initrd.systemd.emergencyAccess, boot.initrd.systemd.extraBin
{ config, pkgs, lib, ... }: {
  imports = [ ./hardware/scanned.nix ];
  boot.initrd.systemd = { enable = true;
    services.rollback = { description = "Rollback root"; wantedBy = [ "initrd.target" ]; after = [ "initrd-root-device.target" ]; before = [ "sysroot.mount" ]; unitConfig.DefaultDependencies = "no"; serviceConfig.Type = "oneshot"; script = "mkdir /mnt\n"; };
    storePaths = [ pkgs.tailscale ]; extraBin.ip = "${pkgs.iproute2}/bin/ip"; emergencyAccess = true; };
  boot.initrd.luks.devices.enc = { device = "/dev/disk/by-uuid/4e"; allowDiscards = true; bypassWorkqueues = true; crypttabExtraOpts = [ "tpm2-device=auto" ]; };
  environment.persistence."/persist" = { hideMounts = true; directories = [ "/var/lib/nixos" ]; };
  fileSystems."/persist" = { device = "/dev/mapper/enc"; fsType = "btrfs"; options = [ "subvol=persist" "compress=zstd" "noatime" ]; neededForBoot = true; };
  programs.fuse.userAllowOther = true;
}
