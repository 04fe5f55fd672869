# SPDX-License-Identifier: GPL-2.0-or-later
# A module in extraModulePackages as it stands, with the set's make flags.
# kind: configuration
{ config, pkgs, lib, ... }: let kernel = config.boot.kernelPackages.kernel; in {
  boot.kernelModules = lib.mkAfter [ "nvidia" ];
  boot.extraModulePackages = [ (pkgs.stdenv.mkDerivation {
    pname = "guest-kmod"; version = "535-${kernel.modDirVersion}"; src = ./files/hello; nativeBuildInputs = kernel.moduleBuildDependencies;
    makeFlags = config.boot.kernelPackages.kernelModuleMakeFlags ++ [ "SYSSRC=${kernel.dev}/lib/modules/${kernel.modDirVersion}/source" "SYSOUT=${kernel.dev}/lib/modules/${kernel.modDirVersion}/build" "MODLIB=$(out)/lib/modules/${kernel.modDirVersion}" "DATE=" "TARGET_ARCH=${pkgs.stdenv.hostPlatform.parsed.cpu.name}" ];
    buildTargets = [ "modules" ]; installTargets = [ "modules_install" ]; enableParallelBuilding = true;
  }) ];
}
