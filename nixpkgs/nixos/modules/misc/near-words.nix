# SPDX-License-Identifier: GPL-2.0-or-later
# Which of the words WORDS somebody who wrote NAME may have meant: near LIMITS WORDS NAME. Two neighbours that changed places, a letter too many, one
# too few and a wrong one count as one mistake each; LIMITS is a list of { from; mistakes; }, by the length of the longer word.
{ lib }:
let
  inherit (builtins) stringLength substring;

  # The first letters that differ must be mended by one mistake there, so each try is about what follows.
  within = limit: a: b:
    let
      front = lib.strings.commonPrefixLength a b;
      restA = substring front (-1) a;
      restB = substring front (-1) b;
      less = i: j: within (limit - 1) (substring i (-1) restA) (substring j (-1) restB);
      swapped = stringLength restA > 1 && stringLength restB > 1
        && substring 0 1 restA == substring 1 1 restB && substring 1 1 restA == substring 0 1 restB;
    in
    restA == restB || limit > 0 && (less 1 1 || less 1 0 || less 0 1 || swapped && less 2 2);
in
limits: words: name:
let
  long = stringLength name;
  lowered = lib.toLower name;
  mistakes = size: lib.foldl' (most: limit: if size >= limit.from then limit.mistakes else most) 0 limits;
  isNear = word:
    let
      size = stringLength word;
      limit = mistakes (lib.max long size);
      apart = size - long;
    in
    word != name && apart <= limit && -apart <= limit && (lib.toLower word == lowered || limit > 0 && within limit name word);
in
builtins.filter isNear words
