# SPDX-License-Identifier: GPL-2.0-or-later
# A module as those for the hardware of one vendor are.
{ lib, config, pkgs, ... }: { boot = lib.mkMerge [ (lib.mkIf (lib.versionAtLeast pkgs.linux.version "6.3") { kernelParams = [ "amd_pstate=active" ]; }) { blacklistedKernelModules = [ "k10temp" ]; } ];
  hardware.cpu.amd.updateMicrocode = lib.mkDefault config.hardware.enableRedistributableFirmware;
  services.xserver.videoDrivers = lib.mkDefault [ "modesetting" ]; hardware.amdgpu.initrd.enable = lib.mkDefault true; hardware.opengl.driSupport = lib.mkDefault true; services.fprintd.enable = lib.mkDefault true;
  environment.systemPackages = lib.mkIf (config.services.fwupd.enable) [ pkgs.x ]; }
