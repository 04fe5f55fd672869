{ config, pkgs, ... }: {
  boot.kernelPackages = pkgs.linuxPackages_6_6;
  boot.extraModulePackages = [ config.boot.kernelPackages.nvidia_x11 ];
}
