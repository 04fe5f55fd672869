{ pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackages_6_12; boot.extraModulePackages = [ pkgs.linuxPackages_6_12.rtl8814au ]; }
