{ pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackages_6_12; boot.extraModulePackages = [ pkgs.linuxPackages_6_12.tsme-test ]; }
