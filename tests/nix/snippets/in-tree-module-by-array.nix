# SPDX-License-Identifier: GPL-2.0-or-later
# An in-tree module with makeFlagsArray.
with import <nixpkgs> { }; linuxPackages_latest.callPackage ({ kernel, pkgs, lib }: pkgs.stdenv.mkDerivation {
  pname = "hid-nintendo"; inherit (kernel) version src; nativeBuildInputs = kernel.nativeBuildInputs ++ kernel.moduleBuildDependencies ++ [ pkgs.xz ]; postPatch = kernel.postPatch or "";
  buildPhase = ''
    builtKernel=${kernel.dev}/lib/modules/${kernel.modDirVersion}/build
    makeFlagsArray=( ${lib.escapeShellArgs kernel.commonMakeFlags} -j"$NIX_BUILD_CORES" )
    make "''${makeFlagsArray[@]}" modules_prepare
  ''; disallowedReferences = [ kernel.dev ];
}) { }
