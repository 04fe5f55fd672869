# SPDX-License-Identifier: GPL-2.0-or-later
# A desktop of AMD.
# kind: configuration
{ pkgs, config, ... }: { boot.initrd.kernelModules = [ "amdgpu" ]; hardware.graphics = { enable = true; extraPackages = with pkgs; [ amdvlk rocmPackages.clr.icd ]; }; boot.extraModulePackages = with config.boot.kernelPackages; [ zenpower it87 ]; boot.blacklistedKernelModules = [ "k10temp" ]; hardware.amdgpu.overdrive.enable = true; services.lact.enable = true; hardware.cpu.amd.ryzen-smu.enable = true; boot.kernelParams = [ "amd_pstate=active" ]; systemd.tmpfiles.rules = [ "L+ /opt/rocm/hip - - - - ${pkgs.rocmPackages.clr}" ]; }
