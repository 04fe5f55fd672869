{ config, pkgs, ... }: {
  boot.extraModulePackages = [ config.boot.kernelPackages.nvidiaPackages.legacy_470 ];
}
