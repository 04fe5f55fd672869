# SPDX-License-Identifier: GPL-2.0-or-later
# The system of an SD card.
# kind: configuration
{ modulesPath, lib, ... }: { imports = [ (modulesPath + "/installer/sd-card/sd-image-aarch64.nix") ]; sdImage.compressImage = false; nixpkgs.hostPlatform = "aarch64-linux"; }
