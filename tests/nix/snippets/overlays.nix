# kind: configuration
{ config, lib, pkgs, ... }: {
  nixpkgs.overlays = [ (final: prev: {
    linuxPackages_latest = prev.linuxPackages_latest.extend (lfinal: lprev: { kernel = lprev.kernel.override { structuredExtraConfig = with lib.kernel; { LOCALVERSION = freeform "-x"; }; }; });
    myKernel = prev.linux_6_12.override { stdenv = final.ccacheStdenv; argsOverride = { modDirVersion = "6.12.1"; version = "6.12.1"; }; };
  }) ];
  boot.kernelPackages = pkgs.linuxPackages_latest;
  boot.extraModulePackages = with config.boot.kernelPackages; [ v4l2loopback.out acpi_call ] ++ [ (config.boot.kernelPackages.callPackage ({ stdenv, kernel, lib, kernelModuleMakeFlags ? [] }: stdenv.mkDerivation { name = "x-${kernel.version}"; src = ../../wiki/packages; nativeBuildInputs = kernel.moduleBuildDependencies; makeFlags = kernelModuleMakeFlags ++ [ "KDIR=${kernel.dev}/lib/modules/${kernel.modDirVersion}/build" ]; }) {}) ];
  environment.systemPackages = [ config.boot.kernelPackages.perf pkgs.myKernel.dev ];
}
