# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel in older words: stdenv.lib, hostPlatform.
with import <nixpkgs> { }; callPackage ({ stdenv, buildPackages, hostPlatform, fetchFromGitHub, perl, buildLinux, ... }@args: with stdenv.lib; let
  version = "4.15.13"; modVersion = concatStrings (intersperse "." (take 3 (splitString "." "${version}.0"))); branchVersion = concatStrings (intersperse "." (take 2 (splitString "." version)));
in buildLinux (args // { modDirVersion = "${modVersion}-hardened"; version = "${version}-a"; extraMeta.branch = "${branchVersion}"; src = fetchFromGitHub { owner = "c"; repo = "l"; rev = "1"; sha256 = "0zmamaf600jja3m2i41rysxq0rqixiz1vvd1nf5bd8piqkd8dbvf"; }; } // (args.argsOverride or { }))) { }
