# SPDX-License-Identifier: GPL-2.0-or-later
# Names of packages that configurations mention and this set does not have. In a system's modules pkgs.NAME of them is an
# error that can be caught, so that a unit or a file of /etc with one is left out, where Nix would end the evaluation;
# a name that is not here is `attribute 'NAME' missing`, as ever.
# The names are in a JSON file, by what they are for: reading it costs a tenth of what splitting a text does.
builtins.mapAttrs
  (name: _: throw "pkgs.${name} is not in kernix's package set: it has kernels, their modules and what builds them. Install it with the distribution's package manager, or package it (pkgs.callPackage ./${name}.nix { }).")
  (builtins.fromJSON (builtins.readFile ./foreign-packages.json))
