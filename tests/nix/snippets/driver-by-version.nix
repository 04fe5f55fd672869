# SPDX-License-Identifier: GPL-2.0-or-later
# A driver of a version of one's own.
# kind: configuration
{ config, pkgs, lib, ... }: {
  nixpkgs.config.allowUnfree = true;
  hardware.nvidia.package = config.boot.kernelPackages.nvidiaPackages.mkDriver { version = "555.58"; sha256_64bit = lib.fakeHash; sha256_aarch64 = lib.fakeHash; openSha256 = lib.fakeHash; settingsSha256 = lib.fakeHash; persistencedSha256 = lib.fakeHash; };
}
