# SPDX-License-Identifier: GPL-2.0-or-later
# Writers of formats: INI, key and value, YAML, XML property lists, Lua, and Nix itself.
let
  inherit (builtins) attrNames attrValues concatStringsSep isAttrs isBool isFloat isFunction isInt isList isString map mapAttrs replaceStrings toJSON typeOf;
  pairs = f: set: map (n: f n set.${n}) (attrNames set);
  lines = concatStringsSep "\n";
  plain = v: if isBool v then (if v then "true" else "false") else if v == null then "" else if isList v || isAttrs v && !(v ? __toString) then throw "no plain value: ${typeOf v}" else toString v;
  keyValue = { sep ? "=", multi ? false, value ? plain }: set:
    concatStringsSep "" (builtins.concatLists (pairs (n: v: if multi && isList v then map (x: "${escapeKey sep n}${sep}${value x}\n") v else [ "${escapeKey sep n}${sep}${value v}\n" ]) set));
  escapeKey = sep: replaceStrings [ sep ] [ "\\${sep}" ];
  ini = { multi ? false }: set: concatStringsSep "\n" (pairs (s: v: "[${replaceStrings [ "[" "]" ] [ "\\[" "\\]" ] s}]\n" + keyValue { inherit multi; } v) set);
  indent = n: concatStringsSep "" (builtins.genList (_: " ") n);
  yaml = n: v:
    if isAttrs v && v != { } then lines (pairs (k: x: "${indent n}${k}:${if compound x then "\n" + yaml (n + 2) x else " " + yaml 0 x}") v)
    else if isList v && v != [ ] then lines (map (x: "${indent n}-${if compound x then "\n" + yaml (n + 2) x else " " + yaml 0 x}") v)
    else toJSON v;
  compound = x: (isAttrs x && x != { }) || (isList x && x != [ ]);
  plist = n: v:
    let tag = t: x: "${indent n}<${t}>${x}</${t}>"; esc = replaceStrings [ "&" "<" ">" ] [ "&amp;" "&lt;" "&gt;" ]; in
    if isBool v then "${indent n}<${plain v}/>"
    else if isInt v then tag "integer" (toString v)
    else if isFloat v then tag "real" (toString v)
    else if isString v then tag "string" (esc v)
    else if isList v then "${indent n}<array>\n${lines (map (plist (n + 1)) v)}\n${indent n}</array>"
    else if isAttrs v then "${indent n}<dict>\n${lines (pairs (k: x: "${indent (n + 1)}<key>${esc k}</key>\n${plist (n + 1) x}") v)}\n${indent n}</dict>"
    else throw "plist";
  lua = v:
    if v == null then "nil" else if isString v || isInt v || isBool v || isFloat v then toJSON v
    else if isList v then "{ ${concatStringsSep ", " (map lua v)} }"
    else if v ? _lua then "(${v._lua})"
    else "{ ${concatStringsSep ", " (pairs (k: x: "[${toJSON k}] = ${lua x}") v)} }";
  pretty = n: v:
    let next = pretty (n + 2); open = l: r: body: "${l}\n${body}\n${indent n}${r}"; name = k: if builtins.match "[a-zA-Z_][a-zA-Z0-9_'-]*" k != null then k else toJSON k; in
    if isInt v || isBool v || v == null then toJSON v
    else if isFloat v then "~${toString v}"
    else if isString v then (if builtins.match ".*\n.*" v == null then toJSON v else "''\n${indent n}  ${replaceStrings [ "\n" "''" "\${" ] [ "\n${indent n}  " "'''" "''\${" ] v}''")
    else if builtins.isPath v then toString v
    else if isList v then (if v == [ ] then "[ ]" else open "[" "]" (lines (map (x: indent (n + 2) + next x) v)))
    else if isFunction v then let a = builtins.functionArgs v; in if a == { } then "<function>" else "<function, args: {${concatStringsSep ", " (pairs (k: d: if d then "${k}?" else k) a)}}>"
    else if v ? __pretty then v.__pretty v.val
    else if v == { } then "{ }"
    else if v.type or null == "derivation" then "<derivation ${v.name or "?"}>"
    else open "{" "}" (lines (pairs (k: x: "${indent (n + 2)}${name k} = ${next x};") v));
  limit = n: v: if n == 0 then "..." else if isAttrs v then mapAttrs (_: limit (n - 1)) v else if isList v then map (limit (n - 1)) v else v;
  loop = rec { here = 1; again = loop; };
  sample = {
    name = "kernix";
    on = true;
    off = false;
    none = null;
    count = 42;
    ratio = 1.5;
    "odd name" = "a\"b";
    list = [ 1 "two" [ 3 ] { four = 4; } [ ] { } ];
    deep.er.est = "x\ny \${z} ''q''";
  };
in
{
  ini = ini { } { main = { a = 1; b = true; "c=d" = "x"; }; "sec[1]" = { e = null; f = 0.5; }; };
  multi = ini { multi = true; } { s.l = [ 1 2 3 ]; s.k = "v"; };
  bad = builtins.tryEval (ini { } { s.l = [ 1 ]; });
  keyValue = keyValue { sep = ": "; value = toJSON; } sample;
  yaml = yaml 0 sample;
  plist = plist 0 (builtins.removeAttrs sample [ "none" ]);
  lua = lua (sample // { raw._lua = "function() end"; });
  pretty = pretty 0 (sample // { f = x: x; g = { a, b ? 1 }: a; p = { __pretty = v: "<<${v}>>"; val = "v"; }; drv = { type = "derivation"; name = "d"; }; path = /tmp; });
  loop = pretty 0 (limit 4 loop);
  json = builtins.toJSON sample;
  back = builtins.fromJSON (builtins.toJSON sample) == sample;
  xml = builtins.toXML (builtins.removeAttrs sample [ "ratio" ]);
  toml = builtins.fromTOML ''
    title = "T"
    n = 1_000
    f = 6.5e3
    when = [ 1, 2, 3 ]
    [a.b]
    c = 'raw\n'
    d = """
    multi
    line"""
    [[e]]
    x = 1
    [[e]]
    x = { y = true }
  '';
  round = builtins.foldl' (v: _: builtins.fromJSON (builtins.toJSON v)) sample (builtins.genList (x: x) 100) == sample;
  values = attrValues (mapAttrs (_: typeOf) sample);
  lists = isList (builtins.filter isFunction [ ]) && isString "";
}
