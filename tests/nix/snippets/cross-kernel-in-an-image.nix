# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel with the facts of another, in an image made of it.
let pkgs = import <nixpkgs> { crossSystem.config = "aarch64-unknown-linux-gnu"; }; in
pkgs.callPackage ({ lib, stdenv, linuxKernel, runCommand, ubootTools, dtc, xz, ... }: let
  kernel = (linuxKernel.manualConfig {
    inherit lib stdenv; inherit (linuxKernel.kernels.linux_6_6) src version modDirVersion kernelPatches extraMakeFlags;
    configfile = ./files/kernel.config; config.DTB = stdenv.hostPlatform.system != "x86_64-linux";
  }).overrideAttrs (old: { preConfigure = lib.optionalString (stdenv.hostPlatform.system == "x86_64-linux") "true"; passthru = old.passthru // { initramfs = null; }; });
in runCommand "linuxboot-fitimage" { nativeBuildInputs = [ ubootTools dtc xz ]; } "lzma <${kernel}/Image >$out") { }
