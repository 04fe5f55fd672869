# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel made with what <nixpkgs/nixos> gives.
{ nixos ? import <nixpkgs/nixos> { configuration = { }; } }: let
  pkgs = nixos.pkgs; config = nixos.config;
  baseKernel = pkgs.linuxKernel.packageAliases.linux_latest.kernel;
  kernel = pkgs.linuxKernel.manualConfig { inherit (pkgs) lib stdenv; inherit (baseKernel) src version modDirVersion; configfile = ./files/kernel.config; allowImportFromDerivation = true; };
in kernel.overrideAttrs (o: { nativeBuildInputs = o.nativeBuildInputs ++ [ pkgs.pkg-config pkgs.ncurses ]; })
