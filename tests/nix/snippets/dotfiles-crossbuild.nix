# SPDX-License-Identifier: GPL-2.0-or-later
# A board, built on a PC.
# kind: configuration
{ pkgs, ... }: { nixpkgs.buildPlatform = "x86_64-linux"; nixpkgs.hostPlatform = "aarch64-linux"; boot.kernelPackages = pkgs.linuxPackages_latest; hardware.deviceTree = { enable = true; filter = "*rk3588*.dtb"; name = "rockchip/rk3588-rock-5b.dtb"; }; boot.loader.generic-extlinux-compatible.enable = true; boot.initrd.allowMissingModules = true; }
