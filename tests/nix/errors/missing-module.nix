{ config, ... }: { boot.extraModulePackages = [ config.boot.kernelPackages.tsme-test ]; }
