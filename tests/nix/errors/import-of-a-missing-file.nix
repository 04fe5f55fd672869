# SPDX-License-Identifier: GPL-2.0-or-later
# A file that is missing is told with the imports that want it.
{ ... }:
{
  imports = [
    ./no-such-file.nix
  ];
}
