# SPDX-License-Identifier: GPL-2.0-or-later
# What installation media have beside their drivers: firmware of any machine, arrays, and memory that is promised generously.
{ ... }:
{
  imports = [ ../installer/scan/detected.nix ../installer/scan/not-detected.nix ];
  boot.kernel.sysctl."vm.overcommit_memory" = "1";
  boot.swraid.enable = true;
  services.openssh.enable = true;
  networking.wireless.enable = true;
}
