# SPDX-License-Identifier: GPL-2.0-or-later
# A laptop with two graphics cards: NVIDIA by offload.
# kind: configuration
# says: NVIDIA's own driver, version 580.119.02
{ config, lib, pkgs, modulesPath, ... }: { imports = [ (modulesPath + "/installer/scan/not-detected.nix") ];
boot.initrd.availableKernelModules = [ "xhci_pci" "ahci" "nvme" "usb_storage" "sd_mod" "rtsx_pci_sdmmc" ]; boot.kernelModules = [ "kvm-intel" ];
fileSystems."/" = { device = "/dev/disk/by-uuid/1"; fsType = "ext4"; }; swapDevices = [ { device = "/dev/disk/by-uuid/2"; } ];
nixpkgs.config.allowUnfree = true; hardware.opengl = { enable = true; driSupport = true; driSupport32Bit = true; };
services.xserver.videoDrivers = [ "nvidia" ];
hardware.nvidia = { modesetting.enable = true; powerManagement.enable = false; powerManagement.finegrained = false; open = false; nvidiaSettings = true; package = config.boot.kernelPackages.nvidiaPackages.stable;
prime = { offload = { enable = true; enableOffloadCmd = true; }; intelBusId = "PCI:0:2:0"; nvidiaBusId = "PCI:1:0:0"; }; };
hardware.cpu.intel.updateMicrocode = lib.mkDefault config.hardware.enableRedistributableFirmware; powerManagement.cpuFreqGovernor = lib.mkDefault "powersave"; networking.useDHCP = lib.mkDefault true; system.stateVersion = "23.11"; }
