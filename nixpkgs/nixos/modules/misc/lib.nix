# SPDX-License-Identifier: GPL-2.0-or-later
# config.lib: functions that modules offer to each other.
{ lib, ... }:
{
  options.lib = lib.mkOption {
    type = lib.types.attrsOf lib.types.attrs;
    default = { };
    description = "Functions that modules offer.";
  };
}
