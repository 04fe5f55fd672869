# SPDX-License-Identifier: GPL-2.0-or-later
# The same for 64-bit ARM boards: their consoles.
{ ... }:
{
  imports = [ ./sd-image.nix ];
  boot.consoleLogLevel = 7;
  # The serial console may be one or the other.
  boot.kernelParams = [ "console=ttyS0,115200n8" "console=ttyAMA0,115200n8" "console=tty0" ];
}
