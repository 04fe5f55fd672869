# SPDX-License-Identifier: GPL-2.0-or-later
# An initrd with the drivers of many machines.
{ ... }:
{
  hardware.enableAllHardware = true;
}
