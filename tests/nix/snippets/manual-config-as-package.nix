# SPDX-License-Identifier: GPL-2.0-or-later
# linuxManualConfig behind callPackage, with file sets.
let pkgs = import <nixpkgs> { }; in pkgs.callPackage ({ lib, fetchurl, linuxManualConfig, linux, stdenv, features ? { }, kernelPatches ? [ ], randstructSeed ? "", withBore ? true }: linuxManualConfig {
  inherit stdenv features randstructSeed; inherit (linux) src version modDirVersion;
  config = { CONFIG_MODULES = "y"; }; configfile = ./files/kernel.config;
  kernelPatches = lib.optionals withBore [ { name = "bore-${if stdenv.cc.isGNU then "GCC" else "LLVM"}-${stdenv.cc.version}"; patch = "${with lib.fileset; toSource { root = ./.; fileset = union ./files/readme.patch ./files/kernel.config; }}/files/readme.patch"; } ];
}) { kernelPatches = [ ]; }
