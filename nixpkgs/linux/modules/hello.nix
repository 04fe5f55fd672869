# SPDX-License-Identifier: GPL-2.0-or-later
# The wiki's hello module: says so in the kernel log when it is loaded and when it goes.
{ lib, mkKernelModule, kernel }:
mkKernelModule {
  pname = "hello";
  version = "1.0";
  src = ./hello;
  buildPhase = ''
    runHook preBuild
    make -C ${kernel.dev}/lib/modules/${kernel.modDirVersion}/build M="$PWD" ${lib.concatStringsSep " " kernel.commonMakeFlags} modules
    runHook postBuild
  '';
  meta.description = "The smallest out-of-tree module";
}
