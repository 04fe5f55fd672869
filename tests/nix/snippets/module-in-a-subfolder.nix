# SPDX-License-Identifier: GPL-2.0-or-later
# A module in a folder of its source.
with import <nixpkgs> { }; linuxPackages_debian_bin.callPackage ({ stdenv, lib, kernel, unstableGitUpdater }: stdenv.mkDerivation (finalAttrs: {
  pname = "xt_rtpengine"; version = "0-unstable"; src = ./files; sourceRoot = "files/hello"; hardeningDisable = [ "pic" "format" ]; nativeBuildInputs = kernel.moduleBuildDependencies;
  KSRC = "${kernel.dev}/lib/modules/${kernel.modDirVersion}/build"; postPatch = "patchShebangs .";
  makeFlags = (kernel.commonMakeFlags or kernel.makeFlags) ++ [ "DESTDIR=${placeholder "out"}" ]; passthru.updateScript = unstableGitUpdater { url = "https://x"; tagPrefix = "mr"; shallowClone = false; };
  buildPhase = "make -C $KSRC M=$PWD modules"; installPhase = "install -D -t $out/lib/modules/${kernel.modDirVersion}/extra hello.ko";
  meta = { changelog = "https://${finalAttrs.version}"; license = lib.licenses.gpl3Only; platforms = lib.platforms.linux; };
})) { }
