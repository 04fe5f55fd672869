# SPDX-License-Identifier: GPL-2.0-or-later
# Kernels in adapted environments.
# kind: configuration
{ pkgs, lib, config, ... }: {
  nixpkgs.overlays = [ (final: prev: { linuxZenFast = prev.linuxPackagesFor (prev.linuxKernel.kernels.linux_zen.override { stdenv = final.fastStdenv; }); linux_native = prev.linux_latest.override { stdenv = prev.impureUseNativeOptimizations prev.stdenv; }; linux_cc = prev.linux_latest.override { stdenv = prev.ccacheStdenv; buildPackages = prev.buildPackages // { stdenv = prev.buildPackages.ccacheStdenv; }; }; linux_kd = prev.linux.override { stdenv = prev.keepDebugInfo prev.stdenv; }; linux_wf = prev.linux.override { stdenv = prev.withCFlags [ "-O3" ] prev.stdenv; }; }) ];
  boot.kernelPackages = pkgs.linuxZenFast; system.extraDependencies = [ pkgs.linux_native pkgs.linux_cc pkgs.linux_kd pkgs.linux_wf ]; programs.ccache.enable = true;
}
