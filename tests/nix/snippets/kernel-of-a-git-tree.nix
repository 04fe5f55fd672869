# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel from a git tree, and patches that only unset options.
# kind: configuration
{ lib, pkgs, ... }: {
  boot.kernelPatches = [
    { name = "config-builtin-mmc"; patch = null; structuredExtraConfig = { MMC = lib.mkForce lib.kernel.yes; EROFS_FS_ZIP_ZSTD = lib.mkForce lib.kernel.yes; }; }
    { name = "only-needed"; patch = null; structuredExtraConfig = { DRM_NOUVEAU_GSP_DEFAULT = lib.mkForce lib.kernel.unset; ZPOOL = lib.mkForce lib.kernel.unset; HID_MULTITOUCH = lib.mkForce lib.kernel.no; }; }
  ];
  boot.initrd.availableKernelModules = lib.mkForce [ ];
  boot.kernelModules = lib.mkForce [ ];
  boot.kernelPackages = pkgs.linuxPackagesFor (pkgs.callPackage ({ buildLinux, fetchgit, lib, ... }@args: buildLinux (args // { version = "6.16.0-rc3"; src = fetchgit { url = "https://example.org/linux.git"; rev = "abc"; hash = lib.fakeHash; }; extraMeta.branch = "6.16"; } // (args.argsOverride or { }))) { });
}
