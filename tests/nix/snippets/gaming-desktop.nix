# kind: configuration
{ pkgs, ... }: {
  boot.kernelPackages = pkgs.linuxPackages_zen;
  boot.kernelParams = [ "mitigations=off" "nvidia-drm.modeset=1" "amd_pstate=active" "console=ttyS0,115200n8" ''acpi_osi="Windows 2015"'' ];
  boot.extraModulePackages = with pkgs.linuxPackages_zen; [ v4l2loopback xpadneo acpi_call ];
  boot.initrd.systemd.enable = true;
  boot.plymouth.enable = true;
  boot.consoleLogLevel = 0;
  boot.initrd.verbose = false;
  boot.loader.grub = { enable = true; device = "nodev"; efiSupport = true; useOSProber = true; configurationLimit = 5; };
  services.fwupd.enable = true;
  powerManagement.cpuFreqGovernor = "performance";
  programs.corectrl.enable = true;
}
