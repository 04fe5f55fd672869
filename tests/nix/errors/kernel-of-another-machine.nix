{ pkgs, ... }: { nixpkgs.system = "x86_64-linux"; boot.kernelPackages = pkgs.linuxPackages_rpi4; }
