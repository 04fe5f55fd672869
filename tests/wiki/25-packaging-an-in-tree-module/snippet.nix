# The page's file, called as the page says (`callPackage`).
{ pkgs ? import <nixpkgs> {} }:
pkgs.callPackage ../packages/amdgpu-kernel-module.nix { }
