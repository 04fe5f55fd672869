# SPDX-License-Identifier: GPL-2.0-or-later
# A shell with an LLVM set, inputs of the kernel.
{ pkgs ? import <nixpkgs> { } }: let llvm = pkgs.llvmPackages_18; in pkgs.mkShell.override { stdenv = llvm.stdenv; } { hardeningDisable = [ "all" ]; packages = with pkgs; [ ccache llvm.clang llvm.lld llvm.llvm llvm.clang-tools libgcc curlFull ncurses pkg-config gdb qemu_kvm ]; inputsFrom = [ pkgs.linux ]; env = { LLVM = 1; }; }
