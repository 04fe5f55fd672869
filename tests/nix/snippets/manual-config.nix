# kind: configuration
{ pkgs, lib, ... }: let
  kernel = pkgs.linuxManualConfig { inherit (pkgs.linux_6_6) src; inherit (pkgs.linux_6_6) version modDirVersion; configfile = pkgs.writeText "config" "CONFIG_MODULES=y\n"; allowImportFromDerivation = false; config = { CONFIG_MODULES = "y"; CONFIG_FW_LOADER = "m"; }; stdenv = pkgs.gccStdenv; kernelPatches = []; extraMakeFlags = [ "KCFLAGS=-O3" ]; };
in { boot.kernelPackages = pkgs.linuxPackagesFor kernel; }
