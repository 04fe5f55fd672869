# SPDX-License-Identifier: GPL-2.0-or-later
# A file with arguments, for the command lines of ../front-end.sh.
{
  x ? 1,
  y ? "d",
  ...
}@args:
{
  inherit x y;
  a.b = [
    1
    { c = "deep"; }
  ];
  "q r".s = 5;
  n = args.n or null;
  f =
    {
      z ? 3,
    }:
    z;
  drv = derivation {
    name = "d";
    system = "x86_64-linux";
    builder = "/bin/sh";
  };
  warn = builtins.trace "tr" 7;
  bad = throw "boo";
}
