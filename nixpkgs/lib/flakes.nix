# SPDX-License-Identifier: GPL-2.0-or-later
# Flake references, where the evaluator knows flakes.
{ lib }:

let
  absent = name: _: throw "lib.flakes.${name}: this evaluator has no builtins.${name} (flakes are not enabled)";
in
{
  parseFlakeRef = builtins.parseFlakeRef or (absent "parseFlakeRef");
  flakeRefToString = builtins.flakeRefToString or (absent "flakeRefToString");
}
