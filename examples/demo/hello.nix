# SPDX-License-Identifier: GPL-2.0-or-later
# The wiki's out-of-tree module, packaged as the wiki says.
{ stdenv, lib, kernel }:

stdenv.mkDerivation {
  pname = "hello";
  version = "1.0";
  src = ./hello;

  hardeningDisable = [ "pic" "format" ];
  nativeBuildInputs = kernel.moduleBuildDependencies;

  buildPhase = ''
    make -C ${kernel.dev}/lib/modules/${kernel.modDirVersion}/build M=$PWD modules
  '';
  installPhase = ''
    make -C ${kernel.dev}/lib/modules/${kernel.modDirVersion}/build M=$PWD INSTALL_MOD_PATH=$out modules_install
    rm -f $out/lib/modules/*/modules.*
  '';

  meta = {
    description = "A kernel module that says hello";
    platforms = lib.platforms.linux;
  };
}
