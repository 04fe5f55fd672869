# SPDX-License-Identifier: GPL-2.0-or-later
# A program that is built as kernels are: out of tree from a read-only source, with options of which each has a
# file of its own, and objects that say what they were made of. `source` is a folder, `options` a text.
{ source, options, version ? "1.1.1", extra ? "", more ? "" }:
derivation {
  name = "tree-${version}";
  inherit version extra more;
  system = builtins.currentSystem;
  tree = builtins.path { path = source; name = "tree"; };
  configfile = builtins.toFile "options" options;
  srcArch = "mini";
  keepObjects = "o tree configfile name version";
  PATH = "/usr/bin:/bin";
  builder = "/bin/bash";
  args = [ "-e" ./tree.sh ];
}
