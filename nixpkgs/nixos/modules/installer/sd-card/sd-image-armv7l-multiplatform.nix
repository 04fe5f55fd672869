# SPDX-License-Identifier: GPL-2.0-or-later
# The same for 32-bit ARM boards: their consoles.
{
  imports = [ ./sd-image.nix ];
  boot.consoleLogLevel = 7;
  boot.kernelParams = [ "console=ttyS0,115200n8" "console=ttymxc0,115200n8" "console=ttyAMA0,115200n8" "console=ttyO0,115200n8" "console=ttySAC2,115200n8" "console=tty0" ];
}
