# SPDX-License-Identifier: GPL-2.0-or-later
# Build roots: { NAME = a derivation whose output is the tree of the Debian packages of roots/NAME.json; }, in which
# derivations are built in place of the host's /usr. A newer set is a new file; older ones stay, and with them what was
# built in them. tools/debian-roots.sh writes the packages of a set, and NAME.local.json, which replaces one whose packages
# no archive has any more.
#
# make { name, set, mirrors ? [ ] }: the same of a set that lies elsewhere. mirrors: archives that are asked first.
#
# Contract with the builder `builtin:debian-root`: `set` is a file as src/build/debroot.h has it. The output is not of a
# fixed hash, and the builder has the network: each file that it takes is known by the hash in the set, and nothing of the
# packages is run.
let
  folder = builtins.readDir ./roots;
  nameOf = file: builtins.head (builtins.match "(.*)\\.json" file);
  isSet = file: builtins.match ".*\\.json" file != null && builtins.match ".*\\.local\\.json" file == null;
  names = map nameOf (builtins.filter isSet (builtins.attrNames folder));
  fileOf = name: if folder ? "${name}.local.json" then ./roots + "/${name}.local.json" else ./roots + "/${name}.json";

  make = { name, set, mirrors ? [ ] }: derivation {
    name = "${name}-root";
    builder = "builtin:debian-root";
    system = "builtin";
    inherit set mirrors;
    preferLocalBuild = true;
    impureEnvVars = [ "http_proxy" "https_proxy" ];
  };
  row = name: { inherit name; value = make { inherit name; set = fileOf name; }; };
in
builtins.listToAttrs (map row names) // { inherit make; }
