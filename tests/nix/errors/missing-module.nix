{ config, ... }: { boot.extraModulePackages = [ config.boot.kernelPackages.zenpower ]; }
