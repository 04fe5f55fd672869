# SPDX-License-Identifier: GPL-2.0-or-later
# An environment whose packages are lists in lists.
(with import <nixpkgs> { }; buildFHSUserEnv { name = "simple-env"; targetPkgs = pkgs: (with pkgs; [ udev linuxPackages.kernel.dev linuxPackages.kernel linuxPackages.kernel.moduleBuildDependencies bc ]); runScript = "bash"; }).env
