# SPDX-License-Identifier: GPL-2.0-or-later
# Large sets and lists: sorting, grouping, graphs, closures, zipping, updating by path, laziness of what is not asked for.
let
  inherit (builtins) attrNames elem elemAt filter foldl' genList head isAttrs isList length listToAttrs map mapAttrs sort tail;
  n = 20000;
  range = a: b: genList (i: a + i) (b - a + 1);
  mod = a: b: a - b * (a / b);
  random = genList (i: mod (i * 7919 + 104729) 10007) n;
  sum = foldl' (a: b: a + b) 0;
  big = listToAttrs (genList (i: { name = "k${toString i}"; value = i; }) n);
  fold = f: z: l: let go = i: if i == length l then z else f (elemAt l i) (go (i + 1)); in go 0;
  unique = foldl' (acc: e: if elem e acc then acc else acc ++ [ e ]) [ ];
  partitionBy = p: l: { yes = filter p l; no = filter (x: !p x) l; };
  toposort = before: l:
    let
      go = done: rest:
        if rest == [ ] then { result = done; }
        else
          let ready = filter (x: !builtins.any (y: y != x && before y x) rest) rest; in
          if ready == [ ] then { cycle = rest; } else go (done ++ [ (head ready) ]) (filter (x: x != head ready) rest);
    in
    go [ ] l;
  recursiveUpdate = a: b: builtins.zipAttrsWith (_: vs: if length vs == 1 then head vs else if builtins.all isAttrs vs then recursiveUpdate (head vs) (elemAt vs 1) else elemAt vs 1) [ a b ];
  updatePath = path: f: set: if path == [ ] then f set else set // { ${head path} = updatePath (tail path) f (set.${head path} or { }); };
  collect = p: v: if p v then [ v ] else if isAttrs v then builtins.concatMap (collect p) (builtins.attrValues v) else [ ];
  flatten = x: if isList x then builtins.concatMap flatten x else [ x ];
  product = foldl' (acc: s: builtins.concatMap (a: map (v: a // { ${s.n} = v; }) s.v) acc) [ { } ];
  merge = builtins.zipAttrsWith (k: vs: if builtins.all isList vs then builtins.concatLists vs else if builtins.all isAttrs vs then merge vs else foldl' (a: b: b) null vs);
  graph = i: filter (x: x < 3000) [ (i * 2) (i * 2 + 1) (i + 7) ];
  closure = builtins.genericClosure { startSet = [ { key = 1; depth = 0; } ]; operator = x: map (k: { key = k; depth = x.depth + 1; }) (graph x.key); };
  natural = sort (a: b: let c = builtins.compareVersions a b; in c < 0);
  queue = { front = [ ]; push = x: q: q // { front = q.front ++ [ x ]; }; };
  primes = let sieve = l: if l == [ ] then [ ] else [ (head l) ] ++ sieve (filter (x: mod x (head l) != 0) (tail l)); in sieve (range 2 400);
  matrix = a: b: map (r: genList (j: sum (genList (k: elemAt r k * elemAt (elemAt b k) j) (length r))) (length (head b))) a;
in
{
  sorted = let s = sort builtins.lessThan random; in [ (head s) (elemAt s (n / 2)) (elemAt s (n - 1)) (sum s) ];
  stable = map (x: x.i) (sort (a: b: a.k < b.k) (genList (i: { inherit i; k = mod i 3; }) 40));
  descending = genList (elemAt (sort (a: b: a > b) random)) 10;
  sets = [ (length (attrNames big)) (sum (builtins.attrValues (mapAttrs (_: v: v + 1) big))) (big // { k5 = 0; } == big) (builtins.attrNames (builtins.intersectAttrs { k1 = 0; k19999 = 0; zz = 0; } big)) ];
  updates = length (attrNames (foldl' (acc: i: acc // { "u${toString i}" = acc.u0 or 0 + i; }) { } (range 0 2000)));
  grouped = mapAttrs (_: l: [ (length l) (head l) ]) (builtins.groupBy (x: toString (mod x 7)) random);
  partitioned = builtins.mapAttrs (_: length) (builtins.partition (x: x > 5000) random // partitionBy (x: x == 3) random);
  folded = fold (a: b: a - b) 0 (range 1 500);
  unique = unique (map (x: mod x 13) (range 0 300));
  topo = [ (toposort (a: b: b - a == 10) [ 21 1 11 2 12 ]) (toposort (a: b: elem b { "1" = [ 2 ]; "2" = [ 3 ]; "3" = [ 1 ]; }.${toString a}) [ 1 2 3 ]) ];
  recursive = [ (recursiveUpdate { a.b.c = 1; a.d = 2; x = [ 1 ]; } { a.b.e = 3; a.d.f = 4; x = [ 2 ]; }) (updatePath [ "a" "b" "c" ] (x: x // { z = 1; }) { a.q = 1; }) ];
  collected = collect (x: x ? leaf) { a.leaf = 1; b.c = { leaf = 2; d.leaf = 3; }; e = 5; };
  flat = flatten [ 1 [ 2 [ 3 [ [ ] 4 ] ] ] ];
  product = product [ { n = "a"; v = [ 1 2 ]; } { n = "b"; v = [ "x" "y" ]; } { n = "c"; v = [ null ]; } ];
  merged = merge [ { l = [ 1 ]; s.a = 1; v = 1; } { l = [ 2 ]; s.b = 2; } { v = 3; s.a = 9; } ];
  closure = [ (length closure) (sum (map (x: x.key) closure)) (sum (map (x: x.depth) closure)) (map (x: x.key) (genList (elemAt closure) 12)) ];
  natural = natural [ "a10" "a9" "a1" "b" "a1.2" ];
  queue = (foldl' (q: x: q.push x q) queue (range 1 50)).front;
  inherit primes;
  matrix = foldl' (m: _: map (map (x: mod x 1000)) (matrix m [ [ 1 1 ] [ 1 0 ] ])) [ [ 1 0 ] [ 0 1 ] ] (range 1 30);
  lazy = [ (head [ 1 (throw "no") ]) (length [ (throw "a") (throw "b") ]) ({ a = 1; b = throw "c"; }.a) (attrNames { x = throw "d"; }) ((x: 1) (throw "e")) (builtins.tryEval (builtins.deepSeq [ 1 { a = throw "f"; } ] 1)) (builtins.tryEval (builtins.seq { a = throw "g"; } 2)) (elemAt (map throw [ "h" ] ++ [ 3 ]) 1) ];
  compared = [ ([ 1 2 ] < [ 1 3 ]) ([ ] < [ 1 ]) ({ a = 1; b = [ { } ]; } == { b = [ { } ]; a = 1; }) (1 == 1.0) ([ 1.0 ] == [ 1 ]) ("a" < "b") (let f = x: x; in { inherit f; } == { inherit f; }) ];
  dynamic = let k = "dyn"; in { ${k}.${k + "2"} = 1; "x${k}".x = 2; ${null} = 3; a.${"b c"} = 4; a.d.e = 5; a.d."f g" = 6; };
  paths = { a.b.c = 1; } ? a.b.c && !({ a.b = 1; } ? a.b.c) && { a = { }; }.a.b.c or 7 == 7;
  catalogue = builtins.catAttrs "v" (genList (i: if mod i 3 == 0 then { v = i; } else { w = i; }) 20);
  numbers = [ (7 / 2) (-7 / 2) (7.0 / 2) (2 * 3.5) (builtins.floor (-1.5)) (builtins.ceil 1.2) (builtins.bitXor 12 10) (1 - 0.5) 1.0e-5 ];
}
