# SPDX-License-Identifier: GPL-2.0-or-later
# linuxManualConfig: a kernel from a source and a finished .config file.
# `linuxManualConfig.override { stdenv = ...; }` gives one that compiles with another toolchain; other names that nixpkgs' takes
# there (buildPackages, ...) mean nothing here, since what builds a kernel follows from its stdenv.
{ lib, pkgs, callPackage, stdenv ? pkgs.stdenv, buildPackages ? null, ... }:
let
  defaultStdenv = stdenv;
  buildKernel = callPackage ./build.nix { };
  readConfig = import ./read-config.nix { inherit lib; };
in
lib.makeOverridable (
{ version
, src
, configfile
, pname ? "linux"
, modDirVersion ? lib.versions.pad 3 version
, config ? null
, allowImportFromDerivation ? false
, kernelPatches ? [ ]
, extraMakeFlags ? [ ]
, extraMeta ? { }
, features ? { }
, randstructSeed ? ""
, buildDTBs ? null
, postPatch ? ""
, stdenv ? defaultStdenv
, isZen ? false, isLTS ? false, isHardened ? false, isLibre ? false
, ...
}:
buildKernel {
  inherit pname version modDirVersion src kernelPatches extraMakeFlags randstructSeed stdenv extraMeta postPatch buildDTBs;
  features = if features == null then { } else features;
  configOf = _: configfile;
  isManual = true;
  # A file of the configuration's own folder can be read without building anything.
  config = if config != null then config
    else if builtins.isPath configfile then readConfig.parse (builtins.readFile configfile)
    else null;
  extraPassthru = { inherit isZen isLTS isHardened isLibre; };
})
