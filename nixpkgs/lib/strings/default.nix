# SPDX-License-Identifier: GPL-2.0-or-later
# Strings: joining, cutting, prefixes, characters, case, trimming and search paths. escape.nix, convert.nix and
# distance.nix add what quotes, what reads and writes numbers, names and flags, and what compares.
{ lib }:

let
  inherit (builtins)
    concatStringsSep
    elemAt
    filter
    genList
    isList
    isString
    length
    replaceStrings
    stringLength
    substring
    ;

  lower = "abcdefghijklmnopqrstuvwxyz";
  upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  chars = s: genList (i: substring i 1 s) (stringLength s);

  # A path argument as prefix is nearly always a mistake: it would be copied to the store.
  refusePath =
    what: value: result:
    lib.warnIf (builtins.isPath value) (
      "lib.strings.${what}: the first argument (${toString value}) is a path value, which never matches as one; "
      + "use lib.path, or convert it with toString"
    ) result;
in
rec {
  inherit (builtins)
    compareVersions
    concatStringsSep
    elem
    elemAt
    filter
    fromJSON
    genList
    head
    isAttrs
    isInt
    isList
    isPath
    isString
    match
    parseDrvName
    readFile
    replaceStrings
    split
    storeDir
    stringLength
    substring
    tail
    toJSON
    typeOf
    unsafeDiscardStringContext
    ;

  # Joining.

  join = concatStringsSep;
  concatStrings = concatStringsSep "";
  concatMapStrings = f: list: concatStringsSep "" (map f list);
  concatImapStrings = f: list: concatStringsSep "" (lib.imap1 f list);
  concatMapStringsSep =
    sep: f: list:
    concatStringsSep sep (map f list);
  concatImapStringsSep =
    sep: f: list:
    concatStringsSep sep (lib.imap1 f list);
  concatMapAttrsStringSep =
    sep: f: set:
    concatStringsSep sep (lib.mapAttrsToList f set);
  concatLines = lines: concatStringsSep "" (map (line: line + "\n") lines);
  replicate = n: s: concatStringsSep "" (lib.lists.replicate n s);
  intersperse =
    sep: list:
    if list == [ ] then
      [ ]
    else
      [ (builtins.head list) ] ++ builtins.concatMap (x: [ sep x ]) (builtins.tail list);
  optionalString = cond: s: if cond then s else "";

  # Search paths.

  makeSearchPath = sub: dirs: concatStringsSep ":" (map (dir: dir + "/" + sub) (filter (dir: dir != null) dirs));
  makeSearchPathOutput =
    output: sub: packages:
    makeSearchPath sub (map (lib.getOutput output) packages);
  makeLibraryPath = makeSearchPathOutput "lib" "lib";
  makeIncludePath = makeSearchPathOutput "dev" "include";
  makeBinPath = makeSearchPathOutput "bin" "bin";
  # Runs of slashes become one.
  normalizePath =
    s:
    lib.warnIf (builtins.isPath s) "lib.strings.normalizePath: the argument (${toString s}) is a path value" (
      concatStringsSep "" (map (p: if isList p then "/" else p) (builtins.split "/+" (toString s)))
    );

  # Characters and case.

  stringToCharacters = chars;
  stringAsChars = f: s: concatStringsSep "" (map f (chars s));
  lowerChars = chars lower;
  upperChars = chars upper;
  toLower = replaceStrings upperChars lowerChars;
  toUpper = replaceStrings lowerChars upperChars;
  toSentenceCase =
    s:
    lib.throwIfNot (isString s) "toSentenceCase wants a string, but got: ${builtins.typeOf s}" (
      toUpper (substring 0 1 s) + toLower (substring 1 (-1) s)
    );
  toCamelCase =
    s:
    lib.throwIfNot (isString s) "toCamelCase wants a string, but got: ${builtins.typeOf s}" (
      let
        isSeparator = c: builtins.elem c [ "-" "_" " " ];
        isLower = c: builtins.elem c lowerChars;
        isUpper = c: builtins.elem c upperChars;
        words = builtins.concatMap (splitStringBy (prev: now: isLower prev && isUpper now) true) (
          splitStringBy (_: isSeparator) false s
        );
        first = if words == [ ] then "" else builtins.head words;
      in
      concatStringsSep "" ([ (toLower first) ] ++ map toSentenceCase (lib.drop 1 words))
    );

  # Cutting.

  hasPrefix = prefix: s: refusePath "hasPrefix" prefix (substring 0 (stringLength prefix) s == prefix);
  hasSuffix =
    suffix: s:
    let
      at = stringLength s - stringLength suffix;
    in
    refusePath "hasSuffix" suffix (at >= 0 && substring at (-1) s == suffix);
  hasInfix = infix: s: refusePath "hasInfix" infix (length (builtins.split (lib.escapeRegex infix) "${s}") > 1 || infix == "");
  removePrefix =
    prefix: s:
    refusePath "removePrefix" prefix (
      let
        n = stringLength prefix;
      in
      if substring 0 n s == prefix then substring n (-1) s else s
    );
  removeSuffix =
    suffix: s:
    refusePath "removeSuffix" suffix (
      let
        at = stringLength s - stringLength suffix;
      in
      if at >= 0 && substring at (-1) s == suffix then substring 0 at s else s
    );
  replaceString = from: to: replaceStrings [ from ] [ to ];
  splitString =
    sep: s:
    let
      text = toString s;
      pattern = lib.escapeRegex (builtins.unsafeDiscardStringContext (toString sep));
    in
    map (lib.addContextFrom text) (filter isString (builtins.split pattern text));

  # Cuts where cut previous current holds. With keep, the character at the cut starts the next piece.
  splitStringBy =
    cut: keep: s:
    let
      size = stringLength s;
      at = i: substring i 1 s;
      cuts = filter (i: cut (if i == 0 then "" else at (i - 1)) (at i)) (genList (i: i) size);
      starts = [ 0 ] ++ map (i: if keep then i else i + 1) cuts;
      ends = cuts ++ [ size ];
    in
    lib.zipListsWith (from: to: substring from (lib.max 0 (to - from)) s) starts ends;

  trim = trimWith {
    start = true;
    end = true;
  };
  trimWith =
    {
      start ? false,
      end ? false,
    }:
    let
      blank = " \t\r\n";
      front = if start then "[${blank}]*" else "";
      # What is kept ends in something that is not blank, if the end is trimmed.
      body = if end then "(.*[^${blank}])[${blank}]*" else "(.*)";
    in
    s:
    let
      found = builtins.match (front + body) s;
      kept = builtins.match "[${blank}]*" s;
    in
    if !start && !end then
      s
    else if kept != null then
      ""
    else if start then
      # Group one is greedy from the first that is not blank.
      builtins.head (builtins.match "[${blank}]*([^${blank}].*)" (builtins.head found))
    else
      builtins.head found;

  # Contexts and kinds.

  addContextFrom = from: s: substring 0 0 from + s;
  inherit (builtins) appendContext;
  isStringLike = x: isString x || builtins.isPath x || x ? outPath || x ? __toString;
  isConvertibleWithToString =
    x:
    isStringLike x
    || builtins.elem (builtins.typeOf x) [
      "null"
      "int"
      "float"
      "bool"
    ]
    || (isList x && lib.all isConvertibleWithToString x);
  isStorePath =
    x:
    isStringLike x
    && (
      let
        s = toString x;
      in
      substring 0 1 s == "/" && builtins.dirOf s == storeDir
    );
  fileContents = file: removeSuffix "\n" (readFile file);
}
// import ./escape.nix { inherit lib; }
// import ./convert.nix { inherit lib; }
// import ./distance.nix { inherit lib; }
