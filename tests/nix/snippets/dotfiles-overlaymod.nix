# SPDX-License-Identifier: GPL-2.0-or-later
# A module in an overlay of the set.
# kind: configuration
{ pkgs, config, lib, ... }: { nixpkgs.overlays = [ (final: prev: { linuxPackages_latest = prev.linuxPackages_latest.extend (lf: lp: { mydrv = lf.callPackage ({ stdenv, kernel }: stdenv.mkDerivation { name = "mydrv"; src = ./.; makeFlags = kernel.makeFlags; }) { }; }); }) ]; boot.kernelPackages = pkgs.linuxPackages_latest; boot.extraModulePackages = [ config.boot.kernelPackages.mydrv ]; }
