{ pkgs, ... }: { boot.kernelPackages = pkgs.linux_debian; }
