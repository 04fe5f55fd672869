# SPDX-License-Identifier: GPL-2.0-or-later
# what: nix repl: TAB after pkgs.linuxPackages lists every name of the page
must "all names are there" is true value "with import <nixpkgs> { }; builtins.all (n: pkgs ? \${n}) (import $row/names.nix)"
