# SPDX-License-Identifier: GPL-2.0-or-later
# A container: no kernel of its own.
{ ... }:
{
  boot.isContainer = true;
  boot.kernel.enable = false;
}
