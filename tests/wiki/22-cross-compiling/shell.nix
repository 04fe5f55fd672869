# SPDX-License-Identifier: GPL-2.0-or-later
# The page's shell for a source that can be reached.
{ pkgs ? import <nixpkgs> {} }:
let
  aarch64 = pkgs.pkgsCross.aarch64-multiplatform;
in
(aarch64.linux_debian.override (import ../small-kernel.nix { inherit (pkgs) lib; arch = "arm64"; })).overrideAttrs (old: {
  nativeBuildInputs = old.nativeBuildInputs ++ [ pkgs.gllvm ];
})
