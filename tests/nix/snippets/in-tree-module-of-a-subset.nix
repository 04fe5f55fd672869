# SPDX-License-Identifier: GPL-2.0-or-later
# An in-tree module with some of the kernel's inputs.
with import <nixpkgs> { }; linuxPackages.callPackage ({ kernel, lib, kernelModuleMakeFlags, python3, kmod }: kernel.stdenv.mkDerivation {
  pname = "hci-uart"; version = "0-${kernel.modDirVersion}"; src = kernel.src;
  nativeBuildInputs = builtins.filter (p: !(lib.elem (lib.getName p) [ "uname" "rustc" "rust-bindgen" ])) (kernel.nativeBuildInputs ++ kernel.moduleBuildDependencies) ++ [ python3 kmod ];
  makeFlags = kernelModuleMakeFlags; buildPhase = "true"; installPhase = "touch $out";
  __structuredAttrs = true; strictDeps = true; unsafeDiscardReferences.out = true;
}) { }
