{ pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackages_surface; }
