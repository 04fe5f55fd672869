# SPDX-License-Identifier: GPL-2.0-or-later
# A version of NVIDIA's driver of one's own.
# kind: configuration
# says: NVIDIA's open sources, version 555.58.02
{ config, pkgs, ... }: { nixpkgs.config.allowUnfree = true; services.xserver.videoDrivers = [ "nvidia" ]; hardware.nvidia = { open = true; package = config.boot.kernelPackages.nvidiaPackages.mkDriver { version = "555.58.02"; sha256_64bit = "sha256-xctt4TPRlOJ6r5S54h5W6PT6/3Zy2R4ASNFPu8TSHKM="; sha256_aarch64 = "sha256-xctt4TPRlOJ6r5S54h5W6PT6/3Zy2R4ASNFPu8TSHKM="; openSha256 = "sha256-ZpuVZybW6CFN/gz9rx+UJvQ715FZnAOYfHn5jt5Z2C8="; settingsSha256 = ""; persistencedSha256 = ""; }; }; }
