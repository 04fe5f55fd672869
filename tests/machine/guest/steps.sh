# SPDX-License-Identifier: GPL-2.0-or-later
# What the installation and the machine itself both do as its user.

# configuration PARAMETER: configuration.nix with one more kernel parameter. The parameters are the same on all machines.
configuration() {
  local more=
  [ -z "${NIX:-}" ] || more=./$NIX
  [ -z "$more" ] || cp "/usr/local/lib/machine/configurations/$NIX" "/etc/nixos/$NIX"
  cat >/etc/nixos/configuration.nix <<END
{ pkgs, ... }:
{
  imports = [ ./hardware-configuration.nix $more ];
  boot.kernelPackages = pkgs.linuxPackages_debian_bin;
  boot.kernelParams = [ "console=ttyS0" "quiet" "no_timer_check" "mitigations=off" "panic=2" $1 ];
}
END
}
rebuild() { nixos-rebuild "$@" 2>&1 | sed 's/^/REBUILD /'; }
