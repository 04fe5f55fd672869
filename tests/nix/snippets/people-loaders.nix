# SPDX-License-Identifier: GPL-2.0-or-later
# Options of loaders.
# kind: configuration
{ config, pkgs, lib, ... }: { imports = [ ./hardware/scanned.nix ];
  boot.loader.efi.efiSysMountPoint = "/efi"; boot.loader.systemd-boot = { enable = true; xbootldrMountPoint = "/boot"; extraEntries."windows.conf" = "title W\n"; extraFiles = { "x.efi" = "${pkgs.x}/y"; }; windows."11".efiDeviceHandle = "HD0b"; edk2-uefi-shell.enable = true; netbootxyz.enable = true; sortKey = "nixos"; graceful = true; installDeviceTree = true; rebootForBitlocker = true; };
  boot.loader.limine = { enable = false; maxGenerations = 5; style.wallpapers = [ ]; }; boot.loader.refind.enable = false; boot.loader.generationsDir.copyKernels = true; boot.loader.initScript.enable = false; boot.loader.supportsInitrdSecrets = true;
  boot.loader.external = { enable = false; installHook = "x"; };
}
