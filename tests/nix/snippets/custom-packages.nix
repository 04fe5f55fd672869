# SPDX-License-Identifier: GPL-2.0-or-later
# linuxPackages_custom.
# kind: configuration
{ config, pkgs, ... }: {
  boot.kernelPackages = pkgs.linuxPackages_custom { version = "6.12.1-custom"; src = pkgs.fetchurl { url = "mirror://kernel/linux/kernel/v6.x/linux-6.12.1.tar.xz"; sha256 = "0000000000000000000000000000000000000000000000000000"; }; configfile = ./files/kernel.config; allowImportFromDerivation = true; };
}
