# SPDX-License-Identifier: GPL-2.0-or-later
# An old card of NVIDIA.
# kind: configuration
# says: NVIDIA's own driver, version 390.157
{ config, pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackages_6_1; nixpkgs.config = { allowUnfree = true; nvidia.acceptLicense = true; }; services.xserver.videoDrivers = [ "nvidia" ]; hardware.nvidia.package = config.boot.kernelPackages.nvidiaPackages.legacy_390; hardware.nvidia.modesetting.enable = true; }
