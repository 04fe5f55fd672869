# SPDX-License-Identifier: GPL-2.0-or-later
# A shell with the file system layout of other distributions, for riscv64.
{ pkgs ? import <nixpkgs> { } }:
(pkgs.buildFHSEnv {
  name = "kernel-build-env";
  targetPkgs = pkgs: (with pkgs; [ pkg-config ncurses pkgsCross.riscv64.gcc13Stdenv.cc gcc13 ] ++ pkgs.linux.nativeBuildInputs);
  runScript = pkgs.writeScript "init.sh" ''
    export ARCH=riscv
    export CROSS_COMPILE=riscv64-unknown-linux-gnu-
    export hardeningDisable=all
    exec bash
  '';
}).env
