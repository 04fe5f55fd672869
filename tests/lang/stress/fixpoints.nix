# SPDX-License-Identifier: GPL-2.0-or-later
# Fixed points, overlays, scopes and overridable functions, as package sets use them.
let
  fix = f: let x = f x; in x;
  fixNamed = f: let x = f x // { __unfix__ = f; }; in x;
  extends = overlay: f: final: let prev = f final; in prev // overlay final prev;
  compose = f: g: final: prev: let a = f final prev; b = g final (prev // a); in a // b;
  composeMany = builtins.foldl' compose (final: prev: { });
  extensible = name: rattrs: fixNamed rattrs // { ${name} = f: extensible name (extends f rattrs); };
  converge = f: x: let y = f x; in if y == x then y else converge f y;

  # Functions that remember what they take.
  setArgs = f: args: { __functor = self: f; __functionArgs = args; };
  argsOf = f: if f ? __functor then f.__functionArgs or (argsOf (f.__functor f)) else builtins.functionArgs f;
  overridable =
    f: orig:
    let
      result = f orig;
      again = new: overridable f (orig // (if builtins.isFunction new then new orig else new));
    in
    if builtins.isAttrs result then
      result
      // {
        override = setArgs again (argsOf f);
        overrideResult = g: overridable (setArgs (args: g (f args)) (argsOf f)) orig;
      }
    else if builtins.isFunction result then
      setArgs result (argsOf result) // { override = again; }
    else
      result;
  callWith =
    auto: f: args:
    let
      fn = if builtins.isFunction f || f ? __functor then f else import f;
      wanted = argsOf fn;
      missing = builtins.filter (n: !(wanted.${n} || auto ? ${n} || args ? ${n})) (builtins.attrNames wanted);
    in
    if missing == [ ] then
      overridable fn (builtins.intersectAttrs wanted auto // args)
    else
      throw "missing ${builtins.concatStringsSep " " missing}";
  scope =
    base: f:
    let
      self = f self // {
        call = callWith (base // self);
        overrideScope = g: scope base (extends g f);
        names = builtins.attrNames (f self);
      };
    in
    self;

  mk = fix (
    self: attrs:
    let
      rattrs = if builtins.isFunction attrs then attrs else _: attrs;
      final = rattrs (final // { inherit out; });
      out = final // {
        inherit out;
        path = "${final.name}-${final.version or "0"}";
        overrideAttrs = g: self (extends (if builtins.isFunction g then (f: p: let r = g f; in if builtins.isFunction r then r p else g p) else _: _: g) rattrs);
      };
    in
    out
  );

  base = final: {
    a = 1;
    b = final.a + 1;
    c = final.b * 10;
    list = [ final.a final.b final.c ];
    nested = { x = final.c; y.z = final.nested.x + 1; };
  };
  layers = builtins.genList (i: final: prev: { a = prev.a + i; "extra${toString i}" = prev.b + final.a; }) 200;
  chained = fix (builtins.foldl' (f: o: extends o f) base layers);
  composed = fix (extends (composeMany layers) base);
  ext = extensible "more" base;
  s = scope { lib = "lib"; outer = 7; } (self: {
    x = self.call ({ lib, outer, n ? 2 }: { v = "${lib}-${toString outer}-${toString n}"; }) { };
    y = self.call ({ x }: { from = x.v; }) { };
    fn = self.call ({ x }: arg@{ k ? 1, ... }: x.v + toString k + toString (builtins.length (builtins.attrNames arg))) { };
  });
  s2 = s.overrideScope (final: prev: { outer = 8; x = prev.x.override { n = 9; }; z = prev.y.from + final.y.from; });
  p = mk (final: { name = "p"; version = "1"; src = "${final.name}-${final.version}.tar"; flags = [ ]; });
in
{
  chained = builtins.removeAttrs chained (builtins.filter (n: builtins.match "extra.*[1-9]" n != null) (builtins.attrNames chained));
  same = chained == composed;
  ext = [ (ext.more (f: p: { a = 5; })).list ((ext.more (f: p: { a = 5; })).more (f: p: { c = p.c + f.a; })).list (builtins.attrNames ext) ];
  converged = converge (x: x / 2) 1000;
  scope = [ s.x.v s.y.from (s.fn { k = 3; q = 1; }) s.names s2.x.v s2.y.from s2.z s2.names (s2.x.override (o: { n = o.n + 1; })).v (argsOf s.x.override) ];
  missing = builtins.tryEval (s.call ({ nope, lib }: nope) { }).x;
  attrs = [
    p.path
    p.src
    (p.overrideAttrs { version = "2"; }).src
    (p.overrideAttrs (old: { version = old.version + ".1"; })).src
    ((p.overrideAttrs (final: prev: { flags = prev.flags ++ [ final.version ]; })).overrideAttrs (o: { version = "3"; })).flags
    (builtins.foldl' (d: i: d.overrideAttrs (o: { flags = o.flags ++ [ i ]; })) p (builtins.genList (i: i) 50)).flags
  ];
  functors = let
    counter = n: { inherit n; __functor = self: step: counter (self.n + step); };
    printer = { v = 3; __toString = self: "<${toString self.v}>"; };
  in [ ((counter 1) 2 3).n "${printer}" (map (counter 10) [ 1 2 ] == [ ] || true) (builtins.concatStringsSep "," [ printer printer ]) (toString [ printer 1 "x" ]) ];
  knot = let even = n: n == 0 || odd (n - 1); odd = n: n != 0 && even (n - 1); in [ (even 1000) (odd 1001) ];
  fibs = let table = builtins.genList (i: if i < 2 then i else builtins.elemAt table (i - 1) + builtins.elemAt table (i - 2)) 80; in builtins.elemAt table 79;
  shadow = let a = 1; f = a: let b = a; a' = a + b; in { inherit a b; c = with { a = 100; d = 4; }; a + d; inherit (rec { e = f; f = a'; }) e; }; in f 5;
  withs = let x = 1; in [ (with { x = 2; y = 3; }; with { y = 4; }; x + y) (with { x = 2; }; let x = 9; in with { x = 3; }; x) ];
}
