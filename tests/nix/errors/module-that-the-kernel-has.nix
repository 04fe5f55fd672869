{ pkgs, ... }: { boot.extraModulePackages = with pkgs.linuxPackages; [ v4l2loopback virtualboxGuestAdditions ]; }
