# SPDX-License-Identifier: GPL-2.0-or-later
# A key that everybody can read is no key.
{ pkgs, ... }:
{
  boot.kernelPackages = pkgs.linuxPackages_debian_bin;
  fileSystems."/" = { device = "LABEL=root"; fsType = "ext4"; };
  boot.kernix.secureBoot = { enable = true; keyFile = "${pkgs.writeText "mok.key" "secret"}"; certFile = "/etc/mok.pem"; };
}
