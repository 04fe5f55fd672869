# SPDX-License-Identifier: GPL-2.0-or-later
# A cross-compiled kernel of the tree's defconfig.
let pkgs = import <nixpkgs> { crossSystem = { config = "aarch64-unknown-linux-gnu"; }; };
in pkgs.linux_latest.override { structuredExtraConfig = { }; defconfig = "defconfig"; preferBuiltin = true; autoModules = false; kernelPatches = [ ]; }
