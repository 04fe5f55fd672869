{ pkgs, ... }: { boot.extraModulePackages = with pkgs.linuxPackages_6_12; [ tsme-test ]; }
