# SPDX-License-Identifier: GPL-2.0-or-later
# Types of options: what a value must be, how several definitions are merged, and how two declarations' types are.
# scalars.nix: strings, numbers, paths, packages; composed.nix: lists, sets and functions of others; choices.nix: null
# or a value, this or that; modules.nix: submodules and types of types.
#
# A type's `merge` is a function `loc: defs: value`, or, for types made of others, a set with `v2 = { loc, defs }:
# { headError; value; valueMeta; }`, which checks and merges in one pass: headError is null or { message; }.
{ lib }:

let
  make = import ./make.nix { inherit lib; };
  internal = [
    "coherent"
    "elemTypeFunctor"
    "equalFunctor"
    "mergeV2"
    "phrase"
  ];
  parts =
    removeAttrs make internal
    // import ./scalars.nix { inherit lib; }
    // import ./composed.nix { inherit lib; }
    // import ./choices.nix { inherit lib; }
    // import ./modules.nix { inherit lib; };
in
parts // { types = parts; }
