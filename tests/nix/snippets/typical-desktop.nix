# kind: configuration
{ config, lib, pkgs, ... }: {
  boot.kernelPackages = pkgs.linuxPackages_latest;
  boot.kernelPatches = lib.singleton { name = "enable-lockdown"; patch = null; extraStructuredConfig = with lib.kernel; { SECURITY_LOCKDOWN_LSM = lib.mkForce yes; MODULE_SIG = lib.mkForce yes; }; };
  boot.kernelParams = [ "mitigations=off" "intel_iommu=on" ''dyndbg="file drivers/usb/* +p"'' ];
  boot.blacklistedKernelModules = [ "nouveau" ];
  boot.initrd.kernelModules = [ "amdgpu" ];
  boot.kernel.sysctl = { "vm.swappiness" = lib.mkDefault 10; "net.core.rmem_max" = 2500000; "kernel.printk" = "3 3 3 3"; };
  boot.initrd.availableKernelModules = [ "nvme" "xhci_pci" "ahci" "usb_storage" "sd_mod" ];
  hardware.enableRedistributableFirmware = true; hardware.cpu.amd.updateMicrocode = lib.mkDefault config.hardware.enableRedistributableFirmware;
  nixpkgs.hostPlatform = lib.mkDefault "x86_64-linux";
  fileSystems."/" = { device = "/dev/disk/by-uuid/0123"; fsType = "ext4"; }; fileSystems."/boot" = { device = "/dev/disk/by-uuid/AB"; fsType = "vfat"; options = [ "fmask=0022" ]; }; swapDevices = [ { device = "/dev/sda2"; } ];
}
