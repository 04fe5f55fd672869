# SPDX-License-Identifier: GPL-2.0-or-later
# A module that takes its paths from variables.
with import <nixpkgs> { }; linuxPackages.callPackage ({ lib, stdenv, fetchurl, kernel, srcOnly, kmod, linuxHeaders, fetchFromGitHub, which, kernelModuleMakeFlags }: stdenv.mkDerivation rec {
  name = "ixgbe-${version}-${kernel.version}"; version = "6.0.6"; src = ./files/hello; nativeBuildInputs = kernel.moduleBuildDependencies ++ [ which ]; hardeningDisable = [ "pic" ];
  makeFlags = kernelModuleMakeFlags ++ [ "INSTALL_MOD_PATH=${placeholder "out"}" ]; KSRC = "${kernel.dev}/lib/modules/${kernel.modDirVersion}/build"; KVER = "${kernel.modDirVersion}"; KHEADERS = "${kernel.dev}/lib/modules/${kernel.modDirVersion}/source";
  configurePhase = "cd src\nsubstituteInPlace common.mk --replace /sbin/depmod ${kmod}/bin/depmod";
  preBuild = "export src=$(pwd)\nexport INSTALL_MOD_PATH=$out";
}) { }
