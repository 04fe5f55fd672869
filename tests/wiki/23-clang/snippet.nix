{ pkgs ? import <nixpkgs> {} }:
with pkgs;
pkgs.linux.override {
   # needs to be clang11Stdenv or newer
   stdenv = clang11Stdenv;
}
