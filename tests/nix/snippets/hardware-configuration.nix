# kind: configuration
{ config, lib, pkgs, modulesPath, ... }: {
  imports = [ (modulesPath + "/installer/scan/not-detected.nix") ];
  boot.initrd.availableKernelModules = [ "xhci_pci" "ahci" "nvme" "usb_storage" "sd_mod" "rtsx_pci_sdmmc" ];
  boot.initrd.kernelModules = [ "dm-snapshot" "amdgpu" ];
  boot.kernelModules = [ "kvm-amd" ];
  boot.extraModulePackages = [ config.boot.kernelPackages.v4l2loopback.out ];
  fileSystems."/" = { device = "/dev/disk/by-uuid/aaaa"; fsType = "ext4"; };
  fileSystems."/boot" = { device = "/dev/disk/by-uuid/BBBB-CCCC"; fsType = "vfat"; options = [ "fmask=0077" ]; };
  swapDevices = [ { device = "/dev/disk/by-uuid/s"; } ];
  networking.useDHCP = lib.mkDefault true;
  nixpkgs.hostPlatform = lib.mkDefault "x86_64-linux";
  hardware.cpu.amd.updateMicrocode = lib.mkDefault config.hardware.enableRedistributableFirmware;
  hardware.enableAllFirmware = true;
  hardware.graphics.enable = true;
  hardware.bluetooth.enable = true;
  hardware.firmware = [ pkgs.wireless-regdb pkgs.linux-firmware ];
  nixpkgs.config.allowUnfree = true;
}
