# SPDX-License-Identifier: GPL-2.0-or-later
# What is not in the search path is told with its place.
{ ... }:
{
  imports = [ <home-manager/nixos> ];
}
