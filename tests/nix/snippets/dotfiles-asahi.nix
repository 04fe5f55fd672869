# SPDX-License-Identifier: GPL-2.0-or-later
# An Apple machine with a processor of its own.
# kind: configuration
{ pkgs, ... }: { nixpkgs.hostPlatform = "aarch64-linux"; hardware.asahi = { enable = true; peripheralFirmwareDirectory = ./firmware; }; boot.loader.efi.canTouchEfiVariables = false; }
