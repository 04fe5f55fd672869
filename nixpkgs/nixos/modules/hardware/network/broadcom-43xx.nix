# SPDX-License-Identifier: GPL-2.0-or-later
# Broadcom wireless cards of the 43xx family: their firmware.
{ ... }:
{
  hardware.enableRedistributableFirmware = true;
}
