# SPDX-License-Identifier: GPL-2.0-or-later
# The page's package for a small module of the kernel of row 16, which is built already.
{ pkgs ? import <nixpkgs> {}
, kernel ? (import <nixpkgs/nixos> { configuration = ../16-custom-source/small.nix; }).config.boot.kernelPackages.kernel
}:
(pkgs.callPackage ../packages/amdgpu-kernel-module.nix { inherit kernel; }).overrideAttrs (_: {
  pname = "loop-kernel-module";
  modulePath = "drivers/block";
  patches = [ ./loop.patch ];
})
