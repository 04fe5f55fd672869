# SPDX-License-Identifier: GPL-2.0-or-later
# makeLinuxHeaders { src, version, patches }: the headers that a kernel has for programs (make headers_install).
{ lib, stdenv, buildPackages, linuxSource }:
lib.makeOverridable ({ src, version, patches ? [ ], ... }:
let
  arch = stdenv.hostPlatform.linuxArch or "x86_64";
  files = map (patch: patch.patch or patch) patches;
in
stdenv.mkDerivation {
  pname = "linux-headers";
  inherit version;
  tree = linuxSource { inherit src version; patches = builtins.filter (patch: patch != null) files; };
  nativeBuildInputs = with buildPackages; [ perl rsync ];
  buildCommand = ''
    mkdir -p build $out
    make -C "$tree" O="$PWD/build" ARCH=${arch} HOSTCC=gcc INSTALL_HDR_PATH="$out" headers_install
    find "$out" -name '.install' -o -name '..install.cmd' | xargs -r rm -f
    mkdir -p $out/include/config
    echo "${version}-default" > $out/include/config/kernel.release
  '';
  meta = { description = "Headers of Linux for programs"; platforms = lib.platforms.linux or [ ]; };
})
