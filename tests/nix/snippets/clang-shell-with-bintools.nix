# SPDX-License-Identifier: GPL-2.0-or-later
# A shell with clang and LLVM's binutils.
with import <nixpkgs> { }; mkShell.override { stdenv = llvmPackages.stdenv; } { name = "kernel-build"; buildInputs = [ ncurses pkg-config go (hiPrio llvmPackages.bintools-unwrapped) lld ]; inputsFrom = [ (linux.override { stdenv = llvmPackages.stdenv; }) ]; PKG_CONFIG_PATH = "${ncurses}/lib/pkgconfig"; AR = "${llvmPackages.bintools-unwrapped}/bin/ar"; NM = "${llvmPackages.bintools-unwrapped}/bin/nm"; }
