# SPDX-License-Identifier: GPL-2.0-or-later
# A module without callPackage, its inputs a list in a list.
with import <nixpkgs> { }; stdenv.mkDerivation rec { name = "silk-guardian-${linuxPackages.kernel.version}"; version = "1.0"; src = ./files/hello; nativeBuildInputs = [ linuxPackages.kernel.moduleBuildDependencies kmod ]; patches = [ ./files/readme.patch ]; makeFlags = [ "KERNELDIR=${linuxPackages.kernel.dev}/lib/modules/${linuxPackages.kernel.modDirVersion}/build" "INSTALL_MOD_PATH=$(out)" ]; installTargets = [ "install" ]; }
