# SPDX-License-Identifier: GPL-2.0-or-later
# A key without its certificate.
{ pkgs, ... }:
{
  boot.kernelPackages = pkgs.linuxPackages_debian_bin;
  fileSystems."/" = { device = "LABEL=root"; fsType = "ext4"; };
  boot.kernix.secureBoot = { enable = true; keyFile = "/etc/mok.key"; };
}
