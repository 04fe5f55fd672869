# SPDX-License-Identifier: GPL-2.0-or-later
# Such a module that asks for the kernel's version.
# kind: configuration
{ config, lib, pkgs, ... }: {
  imports = [ ./hardware/scanned.nix ./hardware/amd.nix ];
  boot = lib.mkIf (lib.versionAtLeast config.boot.kernelPackages.kernel.version "5.17") { kernelParams = [ "initcall_blacklist=acpi_cpufreq_init" ]; kernelModules = [ "amd-pstate" ]; };
}
