# SPDX-License-Identifier: GPL-2.0-or-later
# Compiler flags for a kernel by a stdenv adapter.
# kind: configuration
{ pkgs, lib, config, ... }: {
  boot.kernelPackages = with pkgs; (linuxKernel.packagesFor (linux_6_18.override { stdenv = stdenvAdapters.addAttrsToDerivation { env.KCPPFLAGS = "-march=skylake -O2"; env.KCFLAGS = "-march=skylake -O2"; } stdenv; }));
  boot.zfs = { devNodes = "/dev/disk/by-id"; extraPools = [ "pothole" ]; forceImportRoot = false; requestEncryptionCredentials = false; };
}
