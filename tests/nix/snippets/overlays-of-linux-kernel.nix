# SPDX-License-Identifier: GPL-2.0-or-later
# Overlays of linuxKernel's own attributes.
# kind: configuration
{ pkgs, lib, config, ... }: {
  nixpkgs.overlays = [ (self: super: { linuxKernel = super.linuxKernel // { packages = super.linuxKernel.packages // { linux_local = self.linuxKernel.packagesFor (super.linuxKernel.manualConfig { version = "6.15.0-git"; modDirVersion = "6.15.0"; src = ./files/hello; configfile = ./files/kernel.config; kernelPatches = [ ]; extraMeta.branch = "6.15"; }); }; }; })
    (final: _prev: { linuxKernel = _prev.linuxKernel // { kernels = _prev.linuxKernel.kernels // { linux_6_12 = _prev.linuxKernel.kernels.linux_6_12.override { extraConfig = "ROCKCHIP_RKNPU y\n"; }; }; }; }) ];
  boot.kernelPackages = pkgs.linuxKernel.packages.linux_local;
  assertions = map (k: { assertion = builtins.any (r: r.name == "ROCKCHIP_RKNPU") k.requests; message = "not reached"; }) [ pkgs.linux_6_12 pkgs.linuxPackages_6_12.kernel pkgs.linuxKernel.packages.linux_6_12.kernel ];
}
