{ lib, pkgs, ... }: { boot.kernelPackages = lib.mkDefault pkgs.linuxPackages_6_12; boot.initrd.availableKernelModules = [ "usbhid" "pcie-brcmstb" ]; }
