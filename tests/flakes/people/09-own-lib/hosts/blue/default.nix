{ lib, pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackages_6_1; fileSystems."/" = { device = "/dev/sda1"; fsType = "ext4"; }; networking.hostName = "blue"; }
