# SPDX-License-Identifier: GPL-2.0-or-later
# The page's shell for a source that can be reached.
{ pkgs ? import <nixpkgs> {} }:
with pkgs;
pkgs.linux_debian.override ({
   stdenv = clang11Stdenv;
} // import ../small-kernel.nix { inherit lib; })
