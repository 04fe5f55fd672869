# SPDX-License-Identifier: GPL-2.0-or-later
# linuxManualConfig with features put into its passthru.
# kind: configuration
{ pkgs, lib, ... }:
let
  base = {
    version = "6.8.12";
  };
  custom = pkgs.linuxManualConfig {
    inherit (base) version; modDirVersion = base.version;
    src = pkgs.fetchurl { url = "mirror://kernel/linux/kernel/v${lib.versions.major base.version}.x/linux-${base.version}.tar.xz"; hash = lib.fakeHash; };
    configfile = ./files/kernel.config; allowImportFromDerivation = true;
    kernelPatches = [ { name = "fixes"; patch = pkgs.fetchurl { url = "https://example.org/" + "0003-fixes.patch"; hash = lib.fakeHash; }; } ];
  };
  passthru.features = { efiBootStub = true; ia32Emulation = true; iwlwifi = true; needsCifsUtils = true; netfilterRPFilter = true; };
  finalKernel = custom.overrideAttrs (old: { passthru = old.passthru // passthru; });
in {
  nixpkgs.overlays = [ (_final: super: { makeModulesClosure = x: super.makeModulesClosure (x // { allowMissing = true; }); }) ];
  boot.kernelPackages = pkgs.linuxPackagesFor finalKernel;
}
