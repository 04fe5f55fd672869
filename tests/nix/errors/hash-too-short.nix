# SPDX-License-Identifier: GPL-2.0-or-later
# A hash with a letter missing.
{ config, lib, pkgs, ... }:
{
  boot.kernelPackages = pkgs.linuxPackagesFor (pkgs.linux_4_19.override { argsOverride = { version = "4.19.60"; src = pkgs.fetchurl { url = "https://x/linux.tar.xz"; sha256 = "0ibayrvrnw2lw7si78vdqnr20mm1d3z0g6a0ykndvgn5vdax5x9"; }; }; });
}
