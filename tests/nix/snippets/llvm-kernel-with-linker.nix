# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel by clang with its linker named.
# kind: configuration
{ pkgs, lib, config, ... }: let llvm = pkgs.llvmPackages_19; in {
  boot.kernelPackages = lib.mkOverride 80 (pkgs.recurseIntoAttrs (pkgs.linuxPackagesFor (pkgs.callPackage ({ fetchurl, buildLinux, ... }@args: buildLinux (args // rec {
    version = "6.14.1"; pname = "linux-nitrous"; modDirVersion = lib.versions.pad 3 "${version}-nitrous"; stdenv = pkgs.overrideCC llvm.stdenv (llvm.stdenv.cc.override { inherit (llvm) bintools; }); nativeBuildInputs = [ llvm.lld ]; extraMakeFlags = [ "LLVM=1" "LD=${llvm.lld}/bin/ld.lld" ];
    src = fetchurl { url = "https://gitlab.com/x.tar.gz"; hash = lib.fakeHash; }; structuredExtraConfig = with lib.kernel; { LOCALVERSION_AUTO = no; NTSYNC = yes; LTO_CLANG_THIN = yes; LTO_NONE = lib.mkForce no; };
  } // (args.argsOverride or { }))) { })));
}
