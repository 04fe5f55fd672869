# SPDX-License-Identifier: GPL-2.0-or-later
# The file system layout of other distributions, with dev outputs.
{ pkgs ? import <nixpkgs> { } }: (pkgs.buildFHSEnv { name = "linux-dev"; targetPkgs = pkgs: with pkgs; [ gnumake gcc binutils flex bison bc elfutils.dev openssl.dev ncurses.dev pkg-config perl python3 cpio kmod rsync pahole zlib.dev libelf util-linux getopt git ctags qemu strace lz4 zstd ]; profile = "export hardeningDisable=all"; runScript = "bash"; }).env
