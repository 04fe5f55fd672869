# SPDX-License-Identifier: GPL-2.0-or-later
# A vendor's kernel, with tools added to its build.
let pkgs = import <nixpkgs> { }; in pkgs.callPackage ({ lib, fetchFromGitHub, linuxManualConfig, ubootTools, ccache, ... }: (linuxManualConfig {
  modDirVersion = "6.6.89"; version = "6.6.89-sky1"; src = fetchFromGitHub { owner = "o"; repo = "linux"; rev = "f41a"; hash = lib.fakeHash; };
  extraMeta = { description = "Vendor kernel"; maintainers = [ ]; platforms = lib.platforms.linux; badPlatforms = lib.filter (p: !(lib.hasInfix "x86_64" p || lib.hasInfix "aarch64" p)) lib.platforms.linux; };
  configfile = ./files/kernel.config; kernelPatches = [ { name = "a"; patch = ./files/readme.patch; } ];
}).overrideAttrs (old: { nativeBuildInputs = (old.nativeBuildInputs or [ ]) ++ [ ubootTools ccache ]; preBuild = (old.preBuild or "") + "export CCACHE_DIR=/tmp/ccache\n"; }))
{ }
