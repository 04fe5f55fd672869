# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel changed by overrideDerivation in an extended set.
# kind: configuration
{ pkgs, lib, config, ... }: {
  boot.kernelPackages = pkgs.recurseIntoAttrs ((pkgs.linuxPackagesFor pkgs.linux_6_6).extend (lib.const (super: { kernel = super.kernel.overrideDerivation (drv: { nativeBuildInputs = (drv.nativeBuildInputs or [ ]) ++ [ pkgs.ubootTools ]; }); })));
}
