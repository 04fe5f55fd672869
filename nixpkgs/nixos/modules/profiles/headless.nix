# SPDX-License-Identifier: GPL-2.0-or-later
# A machine without screen and keyboard: it starts again when the kernel panics, and the console stays in text mode.
{ ... }:
{
  boot.vesa = false;
  boot.kernelParams = [ "panic=1" "boot.panic_on_fail" "vga=0x317" "nomodeset" ];
}
