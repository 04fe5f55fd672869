# SPDX-License-Identifier: GPL-2.0-or-later
# The error is thrown inside of the package set: the reader's own line is shown all the same.
{ pkgs, ... }:
{
  boot.kernelPackages = pkgs.linuxPackagesFor (pkgs.linux_4_19.override { argsOverride.version = 4.19; });
}
