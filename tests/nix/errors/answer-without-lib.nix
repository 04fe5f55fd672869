# SPDX-License-Identifier: GPL-2.0-or-later
# yes without 'with lib.kernel'.
{ ... }:
{
  boot.kernelPatches = [ { name = "mine"; patch = null; structuredExtraConfig.CRASH_DUMP = yes; } ];
}
