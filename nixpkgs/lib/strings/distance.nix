# SPDX-License-Identifier: GPL-2.0-or-later
# How far strings are from each other: the base of 'did you mean'.
{ lib }:

let
  inherit (builtins)
    elemAt
    foldl'
    genList
    stringLength
    substring
    ;
in
rec {
  commonPrefixLength =
    a: b:
    let
      size = lib.min (stringLength a) (stringLength b);
      go = i: if i < size && substring i 1 a == substring i 1 b then go (i + 1) else i;
    in
    go 0;
  commonSuffixLength =
    a: b:
    let
      sizeA = stringLength a;
      sizeB = stringLength b;
      size = lib.min sizeA sizeB;
      go = i: if i < size && substring (sizeA - 1 - i) 1 a == substring (sizeB - 1 - i) 1 b then go (i + 1) else i;
    in
    go 0;

  # The number of insertions, deletions and replacements: one row of the table at a time.
  levenshtein =
    a: b:
    let
      columns = genList (j: substring j 1 b) (stringLength b);
      firstRow = genList (j: j) (stringLength b + 1);
      nextRow =
        row: i:
        let
          c = substring (i - 1) 1 a;
          step =
            acc: d:
            let
              j = acc.j;
              diagonal = elemAt row (j - 1) + (if c == d then 0 else 1);
              side = lib.min acc.left (elemAt row j) + 1;
              here = lib.min diagonal side;
            in
            builtins.seq here {
              j = j + 1;
              left = here;
              cells = acc.cells ++ [ here ];
            };
        in
        (foldl' step {
          j = 1;
          left = i;
          cells = [ i ];
        } columns).cells;
    in
    lib.last (foldl' nextRow firstRow (genList (i: i + 1) (stringLength a)));

  # As levenshtein a b <= limit, but what is alike at both ends, and lengths too different, cost little.
  levenshteinAtMost =
    limit: a: b:
    let
      front = commonPrefixLength a b;
      restA = substring front (-1) a;
      restB = substring front (-1) b;
      back = commonSuffixLength restA restB;
      coreA = substring 0 (stringLength restA - back) restA;
      coreB = substring 0 (stringLength restB - back) restB;
      apart = stringLength a - stringLength b;
    in
    (if apart < 0 then -apart else apart) <= limit && levenshtein coreA coreB <= limit;
}
