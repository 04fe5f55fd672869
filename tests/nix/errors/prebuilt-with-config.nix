{ pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackages_debian_bin; boot.kernelPatches = [ { name = "debug"; patch = null; extraConfig = "DEBUG_FS y"; } ]; }
