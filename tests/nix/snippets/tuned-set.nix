# SPDX-License-Identifier: GPL-2.0-or-later
# A set whose kernel and modules get compiler flags.
(with import <nixpkgs> { }; callPackage ({ lib, gcc12Stdenv, linuxPackages_zen }: linuxPackages_zen.extend (self: super: let
  kernelConfigs = with lib.kernel; { ZEN_INTERACTIVE = yes; LRU_GEN = yes; };
  innocent = super.kernel.override (old: { structuredExtraConfig = kernelConfigs // (old.structuredExtraConfig or { }); stdenv = gcc12Stdenv; });
in {
  kernel = innocent.overrideDerivation (drv: { NIX_CFLAGS_COMPILE = "-march=x86-64-v3 ${drv.NIX_CFLAGS_COMPILE or ""}"; });
  zfsStable = super.zfsStable.overrideAttrs (o: { NIX_CFLAGS_COMPILE = "-O3 ${o.NIX_CFLAGS_COMPILE or ""}"; });
})) { }).zfsStable
