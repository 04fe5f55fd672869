# SPDX-License-Identifier: GPL-2.0-or-later
# String processing: searching, padding, case, numbers in other bases, edit distance, versions, names, a JSON parser.
let
  inherit (builtins) substring stringLength genList elemAt concatStringsSep foldl' head tail length match split filter isString replaceStrings;
  chars = s: genList (i: substring i 1 s) (stringLength s);
  concat = concatStringsSep "";
  splitOn = sep: s: filter isString (split (escape (chars "\\[{()^$?*+|.") sep) s);
  escape = l: replaceStrings l (map (c: "\\${c}") l);
  lower = chars "abcdefghijklmnopqrstuvwxyz";
  upper = chars "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  toUpper = replaceStrings lower upper;
  hasPrefix = p: s: substring 0 (stringLength p) s == p;
  hasSuffix = p: s: let n = stringLength s; m = stringLength p; in n >= m && substring (n - m) n s == p;
  trim = s: let m = match "[[:space:]]*(.*[^[:space:]])[[:space:]]*" s; in if m == null then "" else head m;
  pad = n: fill: s: let m = stringLength s; in if m >= n then s else pad n fill (fill + s);
  digits = b: n: if n < b then [ n ] else digits b (n / b) ++ [ (n - b * (n / b)) ];
  hex = n: concat (map (elemAt (chars "0123456789abcdef")) (digits 16 n));
  ascii = builtins.listToAttrs (genList (i: { name = elemAt (chars " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~") i; value = i + 32; }) 95);
  b64 = s: let
    t = chars "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    at = i: if i < stringLength s then ascii.${substring i 1 s} else 0;
    group = i: let n = (at i * 256 + at (i + 1)) * 256 + at (i + 2); c = k: elemAt t (builtins.bitAnd (n / k) 63); left = stringLength s - i; in
      c 262144 + c 4096 + (if left > 1 then c 64 else "=") + (if left > 2 then c 1 else "=");
  in concat (genList (i: group (3 * i)) ((stringLength s + 2) / 3));
  distance = a: b: let
    la = chars a; lb = chars b;
    row = prev: c: i: foldl' (acc: j: acc ++ [ (let del = elemAt prev j + 1; ins = builtins.elemAt acc (j - 1) + 1; sub = elemAt prev (j - 1) + (if c == elemAt lb (j - 1) then 0 else 1); m = x: y: if x < y then x else y; in m del (m ins sub)) ]) [ i ] (genList (j: j + 1) (length lb));
    rows = foldl' (st: c: { prev = row st.prev c (st.i + 1); i = st.i + 1; }) { prev = genList (j: j) (length lb + 1); i = 0; } la;
  in elemAt rows.prev (length lb);
  camel = s: let w = splitOn "-" s; up = x: toUpper (substring 0 1 x) + substring 1 (-1) x; in concat ([ (head w) ] ++ map up (tail w));
  toInt = s: let m = match "[[:space:]]*(-?)0*([0-9]+)[[:space:]]*" s; in if m == null then throw "not a number: ${s}" else builtins.fromJSON (head m + elemAt m 1);

  # A parser of JSON by hand: { value, rest } of a list of characters by index.
  json = s: let
    at = i: substring i 1 s;
    ws = i: if builtins.elem (at i) [ " " "\n" "\t" ] then ws (i + 1) else i;
    value = j: let i = ws j; c = at i; in
      if c == "{" then object (i + 1) { } else if c == "[" then list (i + 1) [ ] else if c == "\"" then string (i + 1) ""
      else let m = match "(-?[0-9.]+|true|false|null).*" (substring i 20 s); t = head m; in
        if m == null then throw "json: ${toString i}" else { v = { "true" = true; "false" = false; "null" = null; }.${t} or (builtins.fromJSON t); i = i + stringLength t; };
    string = i: acc: let c = at i; in if c == "\"" then { v = acc; i = i + 1; } else if c == "\\" then string (i + 2) (acc + ({ n = "\n"; t = "\t"; }.${at (i + 1)} or (at (i + 1)))) else string (i + 1) (acc + c);
    list = j: acc: let i = ws j; in if at i == "]" then { v = acc; i = i + 1; } else if at i == "," then list (i + 1) acc else let r = value i; in list r.i (acc ++ [ r.v ]);
    object = j: acc: let i = ws j; in if at i == "}" then { v = acc; i = i + 1; } else if at i == "," then object (i + 1) acc else let k = value i; r = value (ws k.i + 1); in object r.i (acc // { ${k.v} = r.v; });
  in (value 0).v;
  doc = ''{"a": [1, 2.5, -3, true, null, {"b": "x\ny\"z"}], "long key": {"n": {"m": []}}, "e": ""}'';
  words = builtins.filter (w: isString w && w != "") (split "[^a-z]+" "the quick brown fox jumps over the lazy dog and the dog sleeps on the brown mat");
in
{
  inherit words;
  counts = builtins.mapAttrs (_: length) (builtins.groupBy (w: w) words);
  split = [ (splitOn "." "a.b..c.") (splitOn "*" "x*y*z") (splitOn "][" "p][q") (split "(a)|(b)" "xaybz") (split "" "abc") (split "([[:upper:]]+)" "fooBARbazQ") ];
  case = [ (toUpper "mixed Case 12 äö") (camel "linux-kernel-config") (hasPrefix "lin" "linux") (hasSuffix "ux" "linux") (hasSuffix "linux" "ux") ];
  trims = map trim [ "  a b \n" "" "   " "x" "\t q\t" ];
  numbers = [ (map hex [ 0 15 255 48879 2147483647 ]) (map toInt [ "42" " 007 " "-0012" ]) (builtins.tryEval (toInt "4x")) (pad 5 "0" "42") ];
  base64 = map b64 [ "" "f" "fo" "foo" "foob" "Hello, World!" ];
  distances = [ (distance "kitten" "sitting") (distance "boot.kernelParms" "boot.kernelParams") (distance "" "abc") ];
  json = [ (json doc) (json doc == builtins.fromJSON doc) ];
  versions = builtins.sort (a: b: builtins.compareVersions a b < 0) [ "1.0" "1.0pre1" "1.0.1" "1.10" "1.9" "1.0-rc1" "1.0a" "2" "" "1..0" "1.0pre" "6.12.0-rc3" "6.12" "6.1.119" ];
  split-versions = map builtins.splitVersion [ "6.12.0-rc3" "1.2a3" "2.0pre.4" "..1" "" ];
  names = map builtins.parseDrvName [ "linux-6.12.3" "python3.11-foo-bar-1.0" "no-version" "a-b-9x-1" "x-1-2" "-1" "" ];
  indented = [
    ''
      first
        second ''${not} ''$x $$ ''' end
      	tab
    ''
    ''  one line''
    ''

      after empty
    ''
    "a\${b}$${c}\\$\n"
    ''x''\ny''\tz ${"in" + ''ner ''}''
  ];
  contextless = [ (builtins.hasContext "x") (substring 2 100 "abcdef") (substring 10 5 "abc") (substring 0 (-1) "all") (builtins.stringLength "äö€") ];
  hashes = map (t: builtins.hashString t "kernix") [ "md5" "sha1" "sha256" "sha512" ];
  escapes = builtins.toJSON (chars "a\"b\\c\n\t/'");
  big = stringLength (concat (genList (i: toString i + ",") 20000));
  replaced = [ (replaceStrings [ "" ] [ "-" ] "abc") (replaceStrings [ "a" "ab" ] [ "1" "2" ] "abab") (replaceStrings [ "b" "" ] [ "X" "_" ] "abc") (replaceStrings [ ] [ ] "q") ];
}
