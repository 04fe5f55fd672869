# SPDX-License-Identifier: GPL-2.0-or-later
# An extended set and a kernel of another compiler.
# kind: configuration
{ config, pkgs, lib, ... }: {
  nixpkgs.overlays = [ (final: prev: {
    linuxPackages_latest = prev.linuxPackages_latest.extend (lpself: lpsuper: {
      v4l2loopback = lpsuper.v4l2loopback.overrideAttrs (old: { version = "0.13"; src = prev.fetchFromGitHub { owner = "umlaeute"; repo = "v4l2loopback"; rev = "v0.13"; hash = lib.fakeHash; }; });
    });
    linux_latest_lto = (prev.linux_latest.override { stdenv = prev.llvmPackages_latest.stdenv; }).overrideAttrs (o: { makeFlags = o.makeFlags ++ [ "LLVM=1" ]; });
  }) ];
  boot.kernelPackages = pkgs.linuxPackages_latest;
  boot.extraModulePackages = [ config.boot.kernelPackages.v4l2loopback ];
}
