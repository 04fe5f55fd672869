{ pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackages_7_1; boot.extraModulePackages = [ pkgs.linuxPackages_7_1.zfs_2_3 ]; }
