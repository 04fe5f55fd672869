{ config, pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackages_debian; boot.extraModulePackages = [ config.boot.kernelPackages.nonexistentmodule ]; }
