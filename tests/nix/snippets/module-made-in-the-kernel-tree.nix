# SPDX-License-Identifier: GPL-2.0-or-later
# A module that is made with -C, its root set by setSourceRoot.
with import <nixpkgs> { }; linuxPackages_debian_bin.callPackage ({ stdenv, lib, kernel, kernelModuleMakeFlags }: stdenv.mkDerivation (finalAttrs: {
  pname = "hp-omen-wmi"; date = "2025"; version = "0-unstable-${finalAttrs.date}"; src = ./files/hello;
  setSourceRoot = ''export sourceRoot=$(pwd)/hello'';
  nativeBuildInputs = kernel.moduleBuildDependencies;
  makeFlags = kernelModuleMakeFlags ++ [ "KERNELDIR=${kernel.dev}/lib/modules/${kernel.modDirVersion}/build" "-C" "${kernel.dev}/lib/modules/${kernel.modDirVersion}/build" "M=$(sourceRoot)" ];
  enableParallelBuilding = true; buildFlags = [ "modules" ]; installFlags = [ "INSTALL_MOD_PATH=${placeholder "out"}" ]; installTargets = [ "modules_install" ];
  meta = with lib; { description = "x"; license = licenses.gpl2Only; platforms = platforms.linux; };
})) { }
