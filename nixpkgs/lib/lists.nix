# SPDX-License-Identifier: GPL-2.0-or-later
# Lists: folding, searching, slicing, sorting, grouping, and lists as sets.
{ lib }:

let
  inherit (builtins)
    attrNames
    concatLists
    concatMap
    elem
    elemAt
    filter
    foldl'
    genList
    head
    isList
    length
    sort
    ;

  # Pairs of a sort key and what is sorted.
  keyed =
    f:
    map (x: {
      key = f x;
      value = x;
    });
in
rec {
  inherit (builtins)
    all
    any
    concatLists
    concatMap
    elem
    elemAt
    filter
    genList
    groupBy
    head
    isList
    length
    map
    partition
    sort
    tail
    ;

  # Making lists.

  singleton = x: [ x ];
  toList = x: if isList x then x else [ x ];
  optional = cond: x: if cond then [ x ] else [ ];
  optionals = cond: list: if cond then list else [ ];
  range = first: last: if first > last then [ ] else genList (i: first + i) (last - first + 1);
  replicate = n: x: genList (_: x) n;
  forEach = list: f: map f list;
  flatten = x: if isList x then concatMap flatten x else [ x ];
  concatAttrValues = set: concatLists (builtins.attrValues set);

  # Folding.

  foldr =
    f: init: list:
    let
      end = length list;
      go = i: if i == end then init else f (elemAt list i) (go (i + 1));
    in
    go 0;
  fold = lib.warn "lib.fold is deprecated; use lib.foldr, or lib.foldl' which needs no stack" foldr;
  foldl =
    f: init: list:
    let
      go = i: if i < 0 then init else f (go (i - 1)) (elemAt list i);
    in
    go (length list - 1);
  # The first accumulator is forced as well.
  foldl' =
    f: init: list:
    builtins.seq init (builtins.foldl' f init list);
  imap0 = f: list: genList (i: f i (elemAt list i)) (length list);
  imap1 = f: list: genList (i: f (i + 1) (elemAt list i)) (length list);
  ifilter0 = f: list: map (elemAt list) (filter (i: f i (elemAt list i)) (genList (i: i) (length list)));

  # Searching.

  count = pred: foldl' (n: x: if pred x then n + 1 else n) 0;
  findFirstIndex =
    pred: default: list:
    let
      # -1 until found; after that nothing more is looked at, and no stack is used.
      found = foldl' (
        at: x:
        if at >= 0 then
          at
        else if pred x then
          -at - 1
        else
          at - 1
      ) (-1) list;
    in
    if found < 0 then default else found;
  findFirst =
    pred: default: list:
    let
      i = findFirstIndex pred null list;
    in
    if i == null then default else elemAt list i;
  findSingle =
    pred: default: multiple: list:
    let
      found = filter pred list;
    in
    if found == [ ] then
      default
    else if length found > 1 then
      multiple
    else
      head found;

  # Slicing.

  sublist =
    start: count: list:
    let
      left = length list - start;
    in
    genList (i: elemAt list (start + i)) (
      if left <= 0 then
        0
      else if left < count then
        left
      else
        count
    );
  take = sublist 0;
  takeEnd = n: list: drop (length list - n) list;
  drop = n: list: if n <= 0 then list else sublist n (length list) list;
  dropEnd = n: list: take (lib.max 0 (length list - n)) list;
  last = list: if list == [ ] then throw "lists.last: list must not be empty!" else elemAt list (length list - 1);
  init = list: if list == [ ] then throw "lists.init: list must not be empty!" else take (length list - 1) list;
  reverseList =
    list:
    let
      end = length list - 1;
    in
    genList (i: elemAt list (end - i)) (end + 1);
  replaceElemAt =
    list: index: new:
    if index < 0 || index >= length list then
      throw "replaceElemAt: index ${toString index} is outside of the list of ${toString (length list)} elements"
    else
      genList (i: if i == index then new else elemAt list i) (length list);
  hasPrefix = front: list: take (length front) list == front;
  removePrefix =
    front: list:
    if hasPrefix front list then
      drop (length front) list
    else
      throw "lists.removePrefix: the first list is not a prefix of the second";
  commonPrefix =
    a: b:
    let
      pairs = zipListsWith (x: y: x == y) a b;
    in
    take (findFirstIndex (same: !same) (length pairs) pairs) a;

  # Two lists at once.

  zipListsWith =
    f: a: b:
    genList (i: f (elemAt a i) (elemAt b i)) (lib.min (length a) (length b));
  zipLists = zipListsWith (fst: snd: { inherit fst snd; });
  crossLists =
    lib.warn "lib.crossLists is deprecated; use lib.cartesianProduct or lib.mapCartesianProduct" (
      f: foldl' (fs: args: concatMap (g: map g args) fs) [ f ]
    );
  compareLists =
    cmp: a: b:
    let
      differing = findFirst (c: c != 0) 0 (zipListsWith cmp a b);
    in
    if differing != 0 then differing else lib.compare (length a) (length b);

  # Grouping and sorting.

  groupBy' =
    f: init: key: list:
    builtins.mapAttrs (_: foldl' f init) (builtins.groupBy key list);
  sortOn = f: list: map (x: x.value) (sort (a: b: a.key < b.key) (keyed f list));

  # Numbers inside of the strings compare as numbers.
  naturalSort =
    let
      parts = s: map (p: if isList p then lib.toIntBase10 (head p) else p) (builtins.split "(0|[1-9][0-9]*)" s);
      # Text and numbers alternate, so like is compared with like.
      less = a: b: compareLists lib.compare a.key b.key < 0;
    in
    list: map (x: x.value) (sort less (keyed parts list));

  # Follows `before` from the first element down; what was passed by and what is left come along. With stopOnCycles a
  # loop ends the search, else the loops are ignored.
  listDfs =
    stopOnCycles: before: list:
    let
      go =
        us: visited: rest:
        let
          cycle = filter (x: before x us) visited;
          parted = builtins.partition (x: before x us) rest;
        in
        if stopOnCycles && cycle != [ ] then
          {
            cycle = us;
            loops = cycle;
            inherit visited rest;
          }
        else if parted.right == [ ] then
          {
            minimal = us;
            inherit visited rest;
          }
        else
          go (head parted.right) ([ us ] ++ visited) (builtins.tail parted.right ++ parted.wrong);
    in
    go (head list) [ ] (builtins.tail list);

  toposort =
    before: list:
    let
      go =
        done: left:
        if left == [ ] then
          { result = done; }
        else
          let
            step = listDfs true before left;
          in
          if step ? cycle then
            {
              cycle = reverseList ([ step.cycle ] ++ step.visited);
              inherit (step) loops;
            }
          else
            go (done ++ [ step.minimal ]) (step.visited ++ step.rest);
    in
    go [ ] list;

  # Lists as sets.

  unique = foldl' (seen: x: if elem x seen then seen else seen ++ [ x ]) [ ];
  uniqueStrings = list: attrNames (builtins.groupBy (x: x) list);
  allUnique = list: length (unique list) == length list;
  remove = x: filter (y: y != x);
  intersectLists = a: filter (x: elem x a);
  subtractLists = a: filter (x: !elem x a);
  mutuallyExclusive = a: b: !builtins.any (x: elem x b) a;
}
