# SPDX-License-Identifier: GPL-2.0-or-later
# A module that is configured by cmake.
with import <nixpkgs> { }; linuxPackages.callPackage ({ lib, stdenv, cmake, coreutils, fetchFromGitHub, gitUpdater, kernel, nvidia_open }: let src = fetchFromGitHub { owner = "amzn"; repo = "amzn-drivers"; rev = "1"; hash = lib.fakeHash; }; sourceRoot = "${src}/kernel/linux/efa/"; in stdenv.mkDerivation {
  version = "1"; src = sourceRoot; name = "efa-1-${kernel.version}"; nativeBuildInputs = kernel.moduleBuildDependencies ++ [ cmake ]; makeFlags = kernel.makeFlags;
  cmakeFlags = [ "-DKERNEL_VER=${kernel.modDirVersion}" "-DKERNEL_DIR=${kernel.dev}/lib/modules/${kernel.modDirVersion}/build" ];
  passthru.updateScript = gitUpdater { };
}) { }
