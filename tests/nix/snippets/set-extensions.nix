# SPDX-License-Identifier: GPL-2.0-or-later
# kernelPackagesExtensions: a module in every package set.
# kind: configuration
{ pkgs, config, ... }: {
  nixpkgs.overlays = [ (final: prev: {
    kernelPackagesExtensions = prev.kernelPackagesExtensions ++ [ (finalKernelPackages: _: let finalKernel = finalKernelPackages.kernel; in {
      hello-world = final.stdenv.mkDerivation {
        name = "hello-module"; nativeBuildInputs = finalKernel.moduleBuildDependencies;
        makeFlags = finalKernel.commonMakeFlags ++ [ "KDIR=${finalKernel.dev}/lib/modules/${finalKernel.modDirVersion}/build" "INSTALL_MOD_PATH=$(out)" ];
        buildFlags = [ "modules" ]; installTargets = [ "modules_install" ]; src = ./files/hello;
      };
    }) ];
  }) ];
  boot.kernelPackages = pkgs.linuxPackages_debian_bin;
  boot.extraModulePackages = [ config.boot.kernelPackages.hello-world ];
}
