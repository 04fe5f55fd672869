# SPDX-License-Identifier: GPL-2.0-or-later
# NixOS's manual: a kernel changed below linuxKernel.kernels reaches its package set.
# kind: configuration
{ pkgs, ... }: {
  nixpkgs.config.packageOverrides = pkgs: pkgs.lib.recursiveUpdate pkgs {
    linuxKernel.kernels.linux_6_12 = pkgs.linuxKernel.kernels.linux_6_12.override { extraConfig = "KGDB y\n"; };
  };
  boot.kernelPackages = pkgs.linuxKernel.packages.linux_6_12;
  assertions = [ { assertion = builtins.any (r: r.name == "KGDB") pkgs.linuxPackages_6_12.kernel.requests; message = "override of linuxKernel.kernels did not reach the set"; } ];
}
