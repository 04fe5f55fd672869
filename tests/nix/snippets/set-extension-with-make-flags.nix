# SPDX-License-Identifier: GPL-2.0-or-later
# kernelPackagesExtensions: callPackage, kernelModuleMakeFlags, structured attributes.
# kind: configuration
{ pkgs, config, ... }: {
  nixpkgs.overlays = [ (_final: prev: { kernelPackagesExtensions = prev.kernelPackagesExtensions ++ [ (_kself: kp: {
    mmio-fan = kp.callPackage ({ lib, stdenv, kernel, kernelModuleMakeFlags }: stdenv.mkDerivation {
      pname = "mmio-fan"; version = "0.1.0"; src = ./files/hello; __structuredAttrs = true;
      nativeBuildInputs = kernel.moduleBuildDependencies; enableParallelBuilding = true;
      makeFlags = kernelModuleMakeFlags ++ [ "KERNEL_SRC=${kernel.dev}/lib/modules/${kernel.modDirVersion}/build" ];
      installFlags = [ "INSTALL_MOD_PATH=${placeholder "out"}" ];
      meta = { description = "x"; license = lib.licenses.gpl2Only; };
    }) { };
  }) ]; }) ];
  boot.extraModulePackages = [ config.boot.kernelPackages.mmio-fan ];
}
