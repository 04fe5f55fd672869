# SPDX-License-Identifier: GPL-2.0-or-later
# A .config that a derivation makes out of the tree.
{ pkgs ? import <nixpkgs> { } }: let
  kernel = pkgs.linuxManualConfig {
    inherit (pkgs.linux_6_12) version src; modDirVersion = "6.12.0-mine"; kernelPatches = [ ];
    configfile = pkgs.runCommand "linux.config" { nativeBuildInputs = with pkgs; [ gnumake gcc bison flex bc ]; } ''
      cp -a ${pkgs.applyPatches { inherit (pkgs.linux_6_12) src; patches = [ ./files/readme.patch ]; }} src && chmod -R u+w src && cd src
      cp ${./files/kernel.config} .config && make olddefconfig && cp .config "$out"
    '';
    allowImportFromDerivation = true; extraMakeFlags = [ "LOCALVERSION=-mine" ];
  };
in kernel.overrideAttrs (old: { nativeBuildInputs = (old.nativeBuildInputs or [ ]) ++ [ pkgs.ubootTools ]; })
