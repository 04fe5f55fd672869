# SPDX-License-Identifier: GPL-2.0-or-later
# linuxPackagesFor: a kernel and the packages built for exactly that kernel. `extend` changes packages of the set.
{ lib, pkgs, kernel }:
let
  checked =
    if lib.isDerivation kernel || kernel ? override then kernel
    else if kernel ? kernel then throw "linuxPackagesFor takes a kernel, such as pkgs.linux_latest, but was given a set of kernel packages: use that set as it is, or its .kernel"
    else throw "linuxPackagesFor takes a kernel, such as pkgs.linux_latest or the result of its .override, but was given a ${builtins.typeOf kernel}";
  extensions = pkgs.kernelPackagesExtensions;
  extended = set: if extensions == [ ] then set else set.extend (lib.composeManyExtensions extensions);
in
extended (lib.makeExtensible (self:
  let
    callPackage = pkgs.newScope self;
  in
  {
    inherit callPackage;
    kernel = checked;
    inherit (self.kernel) stdenv;
    isLTS = self.kernel.isLTS or false;
    isZen = self.kernel.isZen or false;
    isHardened = self.kernel.isHardened or false;
    isLibre = self.kernel.isLibre or false;
    kernelAtLeast = lib.versionAtLeast self.kernel.version;
    kernelOlder = lib.versionOlder self.kernel.version;
    kernelModuleMakeFlags = self.kernel.moduleMakeFlags;
    recurseForDerivations = true;
    __missing = (import ./missing.nix { inherit lib; }).inKernelPackages;

    # A module with the facts that all of them share; see modules/default.nix.
    # No named arguments here: a function that has them would be called where all of the set is asked for.
    mkKernelModule = args: import ./modules/make-module.nix { inherit lib; inherit (self) kernel; inherit pkgs; } args;
  } // import ./modules { inherit lib pkgs self callPackage; }))
