# SPDX-License-Identifier: GPL-2.0-or-later
# A shell for Rust in the kernel.
{ pkgs ? import <nixpkgs> { } }: pkgs.mkShell { nativeBuildInputs = with pkgs; [ gnumake bison flex bc pkg-config ncurses openssl elfutils pahole cpio perl python3Packages.ply gdb virtme-ng cpio socat rust-analyzer rustfmt clippy cargo rust-bindgen rustPlatform.rustLibSrc ]; RUST_LIB_SRC = "${pkgs.rustPlatform.rustLibSrc}"; }
