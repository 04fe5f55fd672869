# kind: configuration
{ pkgs, ... }: { boot.plymouth.enable = true; boot.tmp.cleanOnBoot = true; boot.resumeDevice = "/dev/sda2"; boot.binfmt.emulatedSystems = [ "aarch64-linux" ]; boot.supportedFilesystems = [ "zfs" "ntfs" ]; boot.kernelPackages = pkgs.linuxPackages_debian; }
