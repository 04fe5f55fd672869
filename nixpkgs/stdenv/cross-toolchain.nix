# SPDX-License-Identifier: GPL-2.0-or-later
# A cross compiler out of Debian's pinned packages: compiler, binutils, C library and kernel headers for one target, in
# one store path that needs nothing of the host but its C library. isPinned says which targets lock.json has, for machines
# of x86_64 (tools/debian-lock.sh pins what packagesFor names).
#
#   triple   as Debian writes it: aarch64-linux-gnu      prefix   of the programs in bin/: aarch64-unknown-linux-gnu-
{ lib, mkDerivation, system }:
let
  lock = import ../debian;
  fetchDeb = import ../build-support/fetch-deb.nix { inherit lib; };
  gccVersion = "12";
  debArchs = { aarch64-linux-gnu = "arm64"; arm-linux-gnueabihf = "armhf"; riscv64-linux-gnu = "riscv64"; };

  packagesFor = triple:
    let cross = name: "${name}-${debArchs.${triple}}-cross";
    in map (name: "${name}-${triple}") [ "gcc-${gccVersion}" "cpp-${gccVersion}" "binutils" ]
      ++ map cross [ "libgcc-${gccVersion}-dev" "libgcc-s1" "libc6-dev" "libc6" "linux-libc-dev" ]
      ++ [ "libbinutils" "libisl23" "libmpc3" "libmpfr6" "libgmp10" ];
  isPinned = triple: system == "x86_64-linux" && debArchs ? ${triple} && builtins.all (name: lock ? ${name}) (packagesFor triple);

  package = { triple, prefix, passthru ? { } }: mkDerivation {
    pname = "${prefix}gcc";
    version = gccVersion;
    debFiles = map (name: fetchDeb ({ package = name; } // lock.${name})) (packagesFor triple);
    inherit triple prefix gccVersion;
    preferLocalBuild = true;
    buildCommand = "source ${./cross-toolchain.sh}";
    inherit passthru;
    meta.description = "Debian's gcc ${gccVersion} for ${triple}";
  };
in
{
  version = gccVersion;
  inherit isPinned package;
}
