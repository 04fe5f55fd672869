# SPDX-License-Identifier: GPL-2.0-or-later
# A board's kernel, its modDirVersion computed from the version.
# kind: configuration
{ lib, pkgs, ... }: {
  boot.kernelPackages = lib.mkForce (pkgs.linuxPackagesFor (pkgs.linux_6_1.override {
    argsOverride = rec {
      version = "6.1.y"; modDirVersion = builtins.replaceStrings [ "y" ] [ "77" ] version;
      src = pkgs.fetchurl { rootnix = "https://example.org/x.tar.gz"; url = "https://example.org/x.tar.gz"; sha256 = "sha256-jEmJuWmktU5dFcXgR9xG+6ECUw2GnyyOGvI17ct4URc="; };
      defconfig = "odroidxu4_defconfig";
    };
  }));
  hardware.deviceTree.name = "exynos5422-odroidxu4.dtb";
}
