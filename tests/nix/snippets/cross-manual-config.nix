# SPDX-License-Identifier: GPL-2.0-or-later
# linuxManualConfig for another machine, and an initrd made by hand.
{ pkgs ? import <nixpkgs> { }, pkgsTarget ? pkgs.pkgsCross.aarch64-multiplatform-musl }: let
  callPackage = pkgs.newScope (pkgs // self);
  self = rec {
    linux = pkgsTarget.linuxManualConfig { inherit (pkgsTarget) stdenv; inherit (pkgs.linux_latest) src version; configfile = ./files/kernel.config; kernelPatches = [ ]; };
    image-lzma = pkgs.runCommandNoCC "${linux.name}.lzma" { nativeBuildInputs = [ pkgs.xz ]; } "lzma <${linux}/Image >$out";
    initramfs = pkgs.makeInitrd { contents = [ { object = pkgs.writeScript "init" "#!/bin/sh"; symlink = "/init"; } ]; compressor = "${pkgs.xz}/bin/xz --check=crc32"; };
  };
in [ self.image-lzma self.initramfs ]
