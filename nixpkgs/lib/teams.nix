# SPDX-License-Identifier: GPL-2.0-or-later
# Groups of maintainers that package descriptions name.
{ lib }:

{
  linux-kernel = {
    shortName = "Linux kernel";
    scope = "Maintain the Linux kernel packages.";
    members = [ ];
    enableFeatureFreezePing = false;
  };
}
