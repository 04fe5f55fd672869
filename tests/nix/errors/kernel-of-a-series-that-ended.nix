{ pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackages_3_2; }
