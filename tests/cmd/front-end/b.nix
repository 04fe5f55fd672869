# SPDX-License-Identifier: GPL-2.0-or-later
# A file without arguments, for the command lines of ../front-end.sh.
{
  attrs.val = 1;
  list = [
    10
    20
  ];
  s = "str";
  p = ./a.nix;
}
