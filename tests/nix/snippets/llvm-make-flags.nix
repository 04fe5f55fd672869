# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel whose make flags name LLVM's tools.
# kind: configuration
{ pkgs, lib, config, ... }: {
  nixpkgs.overlays = [ (final: prev: { linux_hard = prev.linuxKernel.kernels.linux_6_18.overrideAttrs (old: { makeFlags = (old.makeFlags or [ ]) ++ [ "LLVM=1" "LLVM_IAS=1" "CC=${prev.llvmPackages.clang-unwrapped}/bin/clang" "LD=${prev.llvmPackages.lld}/bin/ld.lld" "AR=${prev.llvmPackages.llvm}/bin/llvm-ar" ]; env = (old.env or { }) // { HOSTCC = "${prev.stdenv.cc}/bin/cc"; }; }); }) ];
  boot.kernelPackages = pkgs.linuxPackagesFor pkgs.linux_hard;
}
