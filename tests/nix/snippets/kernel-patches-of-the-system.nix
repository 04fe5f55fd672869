# SPDX-License-Identifier: GPL-2.0-or-later
# linuxManualConfig that is given the system's own kernelPatches.
# kind: configuration
{ config, pkgs, lib, ... }: {
  boot.kernelPackages = pkgs.linuxPackagesFor (let version = "6.8.12"; in (pkgs.linuxManualConfig {
    version = "${version}-mine"; modDirVersion = "${version}-mine";
    src = pkgs.fetchurl { url = "mirror://kernel/linux/kernel/v${lib.versions.major version}.x/linux-${version}.tar.xz"; hash = "sha256-GbMZVtIptbnKVnH6HHQyAXloKj2NAPyGeUEUsh2oYDk="; };
    inherit (config.boot) kernelPatches; config = { CONFIG_RUST = "y"; CONFIG_MODULES = "y"; }; configfile = ./files/kernel.config;
  }).overrideAttrs (old: { passthru = (old.passthru or { }) // { features = lib.foldr (x: y: (x.features or { }) // y) { efiBootStub = true; netfilterRPFilter = true; ia32Emulation = true; } config.boot.kernelPatches; }; }));
  boot.kernelPatches = [ { name = "one"; patch = ./files/readme.patch; } ];
}
