# SPDX-License-Identifier: GPL-2.0-or-later
# A shell for work on the kernel.
{ pkgs ? import <nixpkgs> {} }:
pkgs.mkShell {
  inputsFrom = [ pkgs.linuxPackages_latest.kernel ];
  nativeBuildInputs = with pkgs; [ gnumake gcc bc bison flex elfutils openssl ncurses pkg-config python3 perl cpio rsync zstd xz gdb qemu cscope ctags clang-tools sparse coccinelle b4 git pahole dtc swig ccache debootstrap busybox global ];
  buildInputs = with pkgs; [ zlib libelf ];
  hardeningDisable = [ "all" ];
  shellHook = ''
    export KBUILD_BUILD_TIMESTAMP=""
  '';
}
