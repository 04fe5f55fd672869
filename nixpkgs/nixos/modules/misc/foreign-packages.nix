# SPDX-License-Identifier: GPL-2.0-or-later
# Names of packages that configurations mention and this set does not have: pkgs.NAME of them is an error that says so and
# that can be caught; in a system's modules a unit or a file of /etc with one is then left out, where Nix would end the
# evaluation. A name that is not here is `attribute 'NAME' missing`, as ever.
# The names are in a JSON file, by what they are for: reading it costs a tenth of what splitting a text does.
rec {
  missing = name: throw "pkgs.${name} is not in kernix's package set: it has kernels, their modules and what builds them. Install it with the distribution's package manager, or package it (pkgs.callPackage ./${name}.nix { }).";
  packages = builtins.mapAttrs (name: _: missing name) (builtins.fromJSON (builtins.readFile ./foreign-packages.json));
}
