# SPDX-License-Identifier: GPL-2.0-or-later
# A module in an environment with compiler flags, its references taken out.
with import <nixpkgs> { }; linuxPackages_debian_bin.callPackage ({ stdenv, kernel }: (withCFlags [ "-DKERNIX_FLAG=1" ] stdenv).mkDerivation {
  name = "flags"; src = ./files/hello; nativeBuildInputs = kernel.moduleBuildDependencies ++ [ nukeReferences ];
  postPatch = "printf '#ifndef KERNIX_FLAG\n#error no flag\n#endif\n' >> hello.c"; makeFlags = kernel.commonMakeFlags ++ [ "-C" "${kernel.dev}/lib/modules/${kernel.modDirVersion}/build" ]; buildFlags = [ "modules" ];
  preBuild = "cat $NIX_BUILD_TOP/.compilers/gcc; gcc --version; makeFlags=\"$makeFlags M=$PWD\""; installPhase = "install -D -t $out/lib/modules hello.ko; echo ${kernel.dev}/x > $out/t; nuke-refs $out/t; cat $out/t";
}) { }
