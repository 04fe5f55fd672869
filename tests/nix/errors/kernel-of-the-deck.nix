{ config, pkgs, ... }: { jovian.devices.steamdeck.enable = true; boot.kernelPackages = pkgs.linuxPackages_jovian; }
