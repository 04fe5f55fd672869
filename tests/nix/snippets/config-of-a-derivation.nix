# SPDX-License-Identifier: GPL-2.0-or-later
# linuxManualConfig with a configuration made by a package, by clang.
let
  pkgs = import <nixpkgs> { };
  configure = pkgs.stdenv.mkDerivation { name = "configured"; inherit (pkgs.linux_latest) src; passthru = { localVer = "-x"; kernelPatches = [ ./files/readme.patch ]; }; buildPhase = "make defconfig"; installPhase = "cp .config $out"; };
  inherit (pkgs) lib;
in (pkgs.linuxManualConfig {
  inherit (configure) src; config = { CONFIG_MODULES = "y"; }; configfile = configure; allowImportFromDerivation = false;
  version = lib.versions.pad 3 "${pkgs.linux_latest.version}${configure.passthru.localVer}"; modDirVersion = lib.versions.pad 3 "${pkgs.linux_latest.version}${configure.passthru.localVer}"; stdenv = pkgs.llvmPackages.stdenv;
  kernelPatches = builtins.map (file: { name = builtins.baseNameOf file; patch = file; }) configure.passthru.kernelPatches;
  extraMakeFlags = [ "NIX_ENFORCE_NO_NATIVE=0" "LOCALVERSION=${configure.passthru.localVer}" "KCFLAGS=-Wno-error" ];
}).overrideAttrs (attrs: { passthru = attrs.passthru // { inherit configure; features = { ia32Emulation = true; }; }; })
