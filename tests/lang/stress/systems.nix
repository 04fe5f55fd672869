# SPDX-License-Identifier: GPL-2.0-or-later
# Typed records, tables and inference, as a library of systems and licences has them; and a small module system.
let
  inherit (builtins) all any attrNames attrValues concatLists concatMap elem elemAt filter foldl' head isAttrs isFunction isInt isList isString length listToAttrs mapAttrs sort split tail;
  # Values that know their table.
  typed = kind: mapAttrs (name: v: { _type = kind; inherit name; } // v);
  cpus = typed "cpu" {
    x86_64 = { bits = 64; little = true; family = "x86"; };
    i686 = { bits = 32; little = true; family = "x86"; };
    aarch64 = { bits = 64; little = true; family = "arm"; version = "8"; };
    armv7l = { bits = 32; little = true; family = "arm"; version = "7"; };
    powerpc64 = { bits = 64; little = false; family = "power"; };
    riscv64 = { bits = 64; little = true; family = "riscv"; };
  };
  vendors = typed "vendor" { pc = { }; unknown = { }; apple = { }; };
  kernels = typed "kernel" { linux = { families.unix = true; }; darwin = { families = { unix = true; bsd = true; }; }; none = { families = { }; }; };
  abis = typed "abi" { gnu = { float = "hard"; }; musl = { }; gnueabihf = { float = "hard"; eabi = true; }; elf = { }; };
  strings = s: filter isString (split "-" s);
  parse = s: let
    w = strings s;
    shape = { "2" = { cpu = elemAt w 0; kernel = elemAt w 1; }; "3" = if abis ? ${elemAt w 2} then { cpu = elemAt w 0; kernel = elemAt w 1; abi = elemAt w 2; } else { cpu = elemAt w 0; vendor = elemAt w 1; kernel = elemAt w 2; }; "4" = { cpu = elemAt w 0; vendor = elemAt w 1; kernel = elemAt w 2; abi = elemAt w 3; }; }.${toString (length w)} or (throw "system string ${s} has ${toString (length w)} parts");
    get = what: table: name: table.${name} or (throw "unknown ${what} ${name} in ${s}");
  in rec {
    cpu = get "cpu" cpus shape.cpu;
    kernel = get "kernel" kernels shape.kernel;
    vendor = get "vendor" vendors (shape.vendor or (if kernel == kernels.darwin then "apple" else if cpu.family == "x86" then "pc" else "unknown"));
    abi = get "abi" abis (shape.abi or (if kernel.name != "linux" then "elf" else if cpu.version or "" == "7" then "gnueabihf" else "gnu"));
  };
  show = p: "${p.cpu.name}-${p.vendor.name}-${p.kernel.name}-${p.abi.name}";
  matches = pattern: v: if isAttrs pattern then isAttrs v && all (k: v ? ${k} && matches pattern.${k} v.${k}) (attrNames pattern) else pattern == v;
  patterns = { isx86 = { cpu.family = "x86"; }; is64 = { cpu.bits = 64; }; isLinux = { kernel.name = "linux"; }; isUnix = { kernel.families.unix = true; }; isMusl = { abi.name = "musl"; }; isBig = { cpu.little = false; }; };
  predicates = mapAttrs (_: p: x: if isList p then any (q: matches q x) p else matches p x) (patterns // { isArmOrPower = [ { cpu.family = "arm"; } { cpu.family = "power"; } ]; });
  elaborate = arg: let
    given = if isString arg then { system = arg; } else arg;
    final = { parsed = parse given.system; config = show final.parsed; libc = if final.isMusl then "musl" else if final.isLinux then "glibc" else null; arch = given.gcc.arch or final.parsed.cpu.name; can = other: final.parsed.kernel == other.parsed.kernel && (final.parsed.cpu.name == other.parsed.cpu.name || (final.parsed.cpu.family == other.parsed.cpu.family && final.parsed.cpu.bits > other.parsed.cpu.bits)); }
      // mapAttrs (_: p: p final.parsed) predicates // given;
  in final;
  all4 = concatMap (c: map (k: "${c}-${k}") (attrNames kernels)) (attrNames cpus);

  licences = mapAttrs (short: l: { shortName = short; free = true; } // l // { full = l.full or l.spdx; }) {
    mit.spdx = "MIT"; gpl2 = { spdx = "GPL-2.0-only"; full = "GNU GPL v2"; }; unfree = { full = "Unfree"; free = false; }; asl = { spdx = "Apache-2.0"; };
  };
  spdx = listToAttrs (map (l: { name = l.spdx; value = l.shortName; }) (filter (l: l ? spdx) (attrValues licences)));

  # Modules: functions of the result, definitions with priorities, options with types.
  mkIf = c: v: { _p = "if"; inherit c v; };
  mkOver = n: v: { _p = "over"; inherit n v; };
  mkMerge = l: { _p = "merge"; inherit l; };
  opt = type: default: { _p = "opt"; inherit type default; };
  types = rec {
    int = { name = "int"; check = isInt; merge = loc: vs: if all (v: v == head vs) vs then head vs else throw "conflict at ${loc}"; };
    str = int // { name = "str"; check = isString; };
    list = of: { name = "list of ${of.name}"; check = v: isList v && all of.check v; merge = _: concatLists; };
    sub = mods: { name = "sub"; check = v: isAttrs v || isFunction v; merge = loc: vs: (eval loc (mods ++ vs)).config; };
    attrs = of: { name = "attrs of ${of.name}"; check = isAttrs; merge = loc: vs: builtins.zipAttrsWith (n: of.merge "${loc}.${n}") vs; };
  };
  push = v: if v._p or null == "if" then (if v.c then push v.v else [ ]) else if v._p or null == "merge" then concatMap push v.l else if v._p or null == "over" then map (x: { n = v.n; x = x.x; }) (push v.v) else [ { n = 100; x = v; } ];
  eval = loc: mods: let
    norm = m: let r = if isFunction m then m { inherit config; } else m; in if r ? options || r ? config || r ? imports then { options = { }; config = { }; imports = [ ]; } // r else { options = { }; imports = [ ]; config = r; };
    flat = ms: concatMap (m: let u = norm m; in flat u.imports ++ [ u ]) ms;
    us = flat mods;
    tree = path: options: configs: mapAttrs (n: o: let
      defs = concatMap (c: if c ? ${n} then push c.${n} else [ ]) configs;
      here = "${path}.${n}";
      all' = defs ++ (if o ? default then [ { n = 1500; x = o.default; } ] else [ ]);
      best = foldl' (a: d: if d.n < a then d.n else a) 9999 all';
      vs = map (d: d.x) (filter (d: d.n == best) all');
    in if o._p or null == "opt" then (if vs == [ ] then throw "undefined ${here}" else if all o.type.check vs then o.type.merge here vs else throw "type of ${here} is not ${o.type.name}") else tree here o (map (d: d.x) defs)) options;
    options = foldl' (a: u: merge2 a u.options) { } us;
    merge2 = a: b: a // mapAttrs (n: v: if a ? ${n} && !(v ? _p) then merge2 a.${n} v else v) b;
    config = tree loc options (concatMap (u: map (d: d.x) (push u.config)) us);
  in { inherit config options; };
  system = eval "top" [
    ({ config, ... }: { options = { port = opt types.int 80; name = opt types.str "x"; l = opt (types.list types.int) [ ]; a.b.c = opt types.int 1; }; config.l = [ config.port ]; })
    { port = mkOver 50 8080; }
    { config = mkIf true { port = 1; l = mkMerge [ [ 1 ] (mkIf false [ 2 ]) (mkIf true [ 3 ]) ]; }; }
    { imports = [ { a.b.c = mkOver 1000 7; } ]; options.users = opt (types.attrs (types.sub [ { options.uid = opt types.int 1000; options.groups = opt (types.list types.str) [ ]; } ])) { }; }
    ({ config, ... }: { users = listToAttrs (builtins.genList (i: { name = "u${toString i}"; value = { uid = i + config.port; }; }) 30); })
    { users.u3.groups = [ "wheel" ]; users.u3.uid = mkOver 10 0; }
  ];
in
{
  parsed = map (s: show (parse s)) [ "x86_64-linux" "aarch64-unknown-linux-gnu" "armv7l-linux" "aarch64-darwin" "riscv64-none" "x86_64-linux-musl" "powerpc64-linux" ];
  bad = map (s: (builtins.tryEval (show (parse s))).success) [ "vax-linux" "x86_64" "a-b-c-d-e" "x86_64-plan9" ];
  flags = mapAttrs (_: s: let e = elaborate s; in mapAttrs (n: _: e.${n}) predicates // { inherit (e) config libc arch; }) { a = "x86_64-linux"; b = { system = "aarch64-linux-musl"; gcc.arch = "armv8-a"; }; c = "powerpc64-linux"; d = "aarch64-darwin"; };
  runs = map (a: map (b: (elaborate a).can (elaborate b)) [ "x86_64-linux" "i686-linux" "aarch64-linux" ]) [ "x86_64-linux" "i686-linux" "armv7l-linux" ];
  doubles = mapAttrs (_: p: filter (s: p (parse s)) all4) predicates;
  inherit licences spdx;
  free = map (l: l.free) (attrValues licences);
  modules = system.config;
  errors = map (m: builtins.tryEval (builtins.deepSeq (eval "t" m).config 1)) [ [ { options.x = opt types.int "no"; } ] [ { options.x = opt types.int 1; } { x = 1; } { x = 2; } ] [ { options.x = opt types.int 1; } { x = 1; } { x = mkOver 10 2; } ] ];
  sorted = map (l: l.shortName) (sort (a: b: a.full < b.full) (attrValues licences));
  table = elem "x86_64" (attrNames cpus) && tail [ 1 ] == [ ];
}
