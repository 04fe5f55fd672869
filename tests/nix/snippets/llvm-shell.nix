# SPDX-License-Identifier: GPL-2.0-or-later
# A shell for kernels by clang, tools by version.
{ pkgs ? import <nixpkgs> { } }: pkgs.mkShellNoCC { buildInputs = with pkgs; [ clang_15 lld_15 llvm_15 clang-tools_15 ncurses pkg-config qemu qemu_kvm qemu-utils ]; inputsFrom = [ pkgs.linux ]; shellHook = "export LLVM=1"; }
