{ pkgs, ... }: { boot.extraModulePackages = with pkgs.linuxPackages_6_12; [ rtl8814au ]; }
