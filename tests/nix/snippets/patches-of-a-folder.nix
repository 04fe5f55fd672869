# SPDX-License-Identifier: GPL-2.0-or-later
# All patches of a folder, and a compiler named in extraMakeFlags.
# kind: configuration
{ lib, pkgs, ... }: {
  boot.kernelPackages = pkgs.linuxPackagesFor (pkgs.callPackage ({ lib, stdenv, buildLinux, ... }@args: buildLinux (args // rec {
    version = "6.6.63-vendor"; modDirVersion = "6.6.63"; src = ./files/hello; defconfig = "defconfig";
    allowImportFromDerivation = true;
    extraMakeFlags = [ "WERROR=0" "CC=${stdenv.cc}/bin/${stdenv.cc.targetPrefix}cc" "LD=${stdenv.cc}/bin/${stdenv.cc.targetPrefix}ld" "CROSS_COMPILE=${stdenv.cc}/bin/${stdenv.cc.targetPrefix}" ];
    kernelPatches = let
      patchesPath = ./files; isPatchFile = name: value: value == "regular" && (lib.hasSuffix ".patch" name);
    in map (name: { inherit name; patch = patchesPath + "/${name}"; extraStructuredConfig = with lib.kernel; { }; }) (lib.naturalSort (lib.attrNames (lib.filterAttrs isPatchFile (builtins.readDir patchesPath))));
  } // (args.argsOverride or { }))) { });
}
