# SPDX-License-Identifier: GPL-2.0-or-later
# Facts of the system's kernel in a file.
# kind: configuration
{ pkgs, lib, config, ... }: {
  boot.kernelPackages = if lib.versionOlder pkgs.linux.version pkgs.linux_latest.version then pkgs.linuxPackages_latest else pkgs.linuxPackages;
  environment.etc."x".text = "${config.boot.kernelPackages.kernel.modDirVersion} ${config.boot.kernelPackages.kernel.version} ${config.boot.kernelPackages.kernel.baseVersion} ${config.system.build.kernel} ${config.system.boot.loader.kernelFile} ${config.boot.kernelPackages.kernel.meta.branch or ""} ${toString config.boot.kernelPackages.kernel.meta.platforms} ${config.system.build.initialRamdisk} ${config.system.modulesTree}";
}
