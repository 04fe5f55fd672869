# kind: configuration
{ pkgs, lib, ... }: {
  boot.kernelPackages = lib.mkForce pkgs.linuxPackages_6_1;
  boot.kernel.sysctl = { "vm.swappiness" = lib.mkDefault 10; "net.ipv4.ip_forward" = 1; "net.core.default_qdisc" = "fq"; "kernel.core_pattern" = "|/bin/false"; "vm.dirty_ratio" = lib.mkForce 5; };
  boot.blacklistedKernelModules = [ "nouveau" "pcspkr" ];
  boot.kernelModules = [ "kvm-intel" "v4l2loopback" ];
  boot.extraModprobeConfig = "options kvm_intel nested=1";
  boot.loader.systemd-boot.enable = true;
  boot.loader.systemd-boot.configurationLimit = 10;
  boot.loader.efi.canTouchEfiVariables = true;
  boot.loader.timeout = 3;
  boot.tmp.useTmpfs = true;
  boot.supportedFilesystems = [ "ntfs" "zfs" ];
  networking.hostId = "deadbeef";
}
