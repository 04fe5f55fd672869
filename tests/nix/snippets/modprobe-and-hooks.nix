# SPDX-License-Identifier: GPL-2.0-or-later
# Modprobe's words, hooks of NixOS's own stage 1, crash dumps.
# kind: configuration
{ config, pkgs, lib, ... }: {
  boot.crashDump.enable = true;
  boot.kernelPackages = pkgs.linuxPackages_testing;
  boot.extraModprobeConfig = lib.mkBefore ''
    options snd_hda_intel power_save=1
    softdep nvme pre: vfio-pci
    install usb-storage ${pkgs.coreutils}/bin/true
    alias net-pf-10 off
    blacklist pcspkr
  '';
  boot.initrd.preDeviceCommands = "echo hi"; boot.initrd.postDeviceCommands = ""; boot.initrd.extraUtilsCommands = "";
  systemd.tmpfiles.rules = [ "w /sys/power/image_size - - - - 0" ];
  boot.resumeDevice = "/dev/sda2";
  powerManagement.enable = true;
  environment.variables.FOO = "bar";
}
