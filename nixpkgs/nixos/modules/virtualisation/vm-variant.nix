# SPDX-License-Identifier: GPL-2.0-or-later
# What a system is like as a virtual machine: its root is the image that the script brings, and where it has no systemd,
# stage 2 is the small guest init (build-support/guest.nix). Kernel, modules, parameters and sysctls stay as declared.
{ config, lib, pkgs, ... }:
let
  forVm = lib.mkOverride 10;
in
{
  fileSystems = forVm {
    "/" = { device = "/dev/disk/by-label/nixos"; fsType = "ext4"; };
  };
  swapDevices = forVm [ ];
  boot.loader.grub.enable = forVm false;
  system.build.stage2 = forVm pkgs.guestInit;
  environment.etc."kernix/guest-script" = lib.mkIf (config.virtualisation.guestScript != null) {
    text = config.virtualisation.guestScript;
  };
}
