# SPDX-License-Identifier: GPL-2.0-or-later
# The smallest building blocks: function combinators, logic, bits, numbers, warnings and the release of this package
# set. Nothing here depends on more than a few list and string functions.
{ lib }:

let
  inherit (builtins)
    foldl'
    fromJSON
    fromTOML
    isFunction
    readFile
    trace
    ;

  # Builtins that newer evaluators have; what an older one lacks is made up here.
  warnFallback =
    msg: value:
    if builtins.elem (builtins.getEnv "NIX_ABORT_ON_WARN") [ "1" "true" "yes" ] then
      trace "evaluation warning: ${msg}" (abort "NIX_ABORT_ON_WARN=true; warnings are treated as unrecoverable errors.")
    else
      trace "evaluation warning: ${msg}" value;
  warn = builtins.warn or warnFallback;

  hexDigits = "0123456789ABCDEF";

  callable = f: isFunction f || (f ? __functor && callable (f.__functor f));
in
rec {
  # Combinators.
  id = x: x;
  const = x: _: x;
  pipe = foldl' (x: f: f x);
  flip =
    f: a: b:
    f b a;
  concat = front: back: front ++ back;
  mergeAttrs = base: over: base // over;
  defaultTo = fallback: x: if x == null then fallback else x;
  mapNullable = f: x: if x == null then null else f x;

  # Logic.
  "or" = a: b: a || b;
  and = a: b: a && b;
  xor = a: b: a != b;
  boolToString = b: if b then "true" else "false";
  boolToYesNo = b: if b then "yes" else "no";

  # Numbers and bits.
  inherit (builtins)
    add
    bitAnd
    bitOr
    bitXor
    ceil
    div
    floor
    lessThan
    mul
    sub
    ;
  bitNot = n: (-1) - n;
  min = a: b: if a < b then a else b;
  max = a: b: if a > b then a else b;
  mod = n: by: n - by * (n / by);

  # -1, 0 or 1, for lib.sort-like callers.
  compare =
    a: b:
    if a < b then
      -1
    else if a > b then
      1
    else
      0;

  # Elements for which `first` holds come before the others; `yes` and `no` order within each kind.
  splitByAndCompare =
    first: yes: no: a: b:
    let
      inA = first a;
      inB = first b;
    in
    if inA && inB then
      yes a b
    else if inA then
      -1
    else if inB then
      1
    else
      no a b;

  # The digits of a natural number, most significant first.
  toBaseDigits =
    base: number:
    let
      go = n: tail: if n < base then [ n ] ++ tail else go (n / base) ([ (mod n base) ] ++ tail);
    in
    assert builtins.isInt base && base >= 2;
    assert builtins.isInt number && number >= 0;
    go number [ ];

  toHexString =
    n: builtins.concatStringsSep "" (map (d: builtins.substring d 1 hexDigits) (toBaseDigits 16 n));

  fromHexString =
    text:
    let
      digits = builtins.match "(0[xX])?([0-9a-fA-F]+)" text;
    in
    if digits == null then
      throw "fromHexString: '${text}' is not a hexadecimal number"
    else
      (fromTOML "n = 0x${builtins.elemAt digits 1}").n;

  # Evaluation order and files.
  inherit (builtins)
    deepSeq
    genericClosure
    isBool
    isFloat
    isInt
    pathExists
    readFile
    seq
    ;
  importJSON = file: fromJSON (readFile file);
  importTOML = file: fromTOML (readFile file);

  # Functions that are sets with __functor, and their arguments.
  isFunction = callable;
  setFunctionArgs = f: args: {
    __functor = _: f;
    __functionArgs = args;
  };
  functionArgs =
    f: if f ? __functor then f.__functionArgs or (functionArgs (f.__functor f)) else builtins.functionArgs f;
  mirrorFunctionArgs =
    f:
    let
      args = functionArgs f;
    in
    g: setFunctionArgs g args;
  toFunction = v: if callable v then v else _: v;

  # Messages.
  inherit warn;
  warnIf = cond: msg: if cond then warn msg else x: x;
  warnIfNot = cond: msg: if cond then x: x else warn msg;
  throwIf = cond: msg: if cond then throw msg else x: x;
  throwIfNot = cond: msg: if cond then x: x else throw msg;
  info = msg: trace "INFO: ${msg}";
  showWarnings = warnings: value: builtins.foldl' (x: w: warn w x) value warnings;
  checkListOfEnum =
    what: valid: given:
    let
      wrong = lib.subtractLists valid given;
    in
    throwIfNot (wrong == [ ]) "${what}: ${lib.concatStringsSep ", " wrong} unexpected; valid ones: ${
      lib.concatStringsSep ", " valid
    }";

  # The release. Modules and packages compare it, so it follows the nixpkgs whose behaviour this lib has.
  release = "26.11";
  codeName = "Zokor";
  oldestSupportedRelease = 2511;
  oldestSupportedReleaseIsAtLeast = n: n <= oldestSupportedRelease;
  isInOldestRelease = warn "lib.isInOldestRelease is deprecated; use lib.oldestSupportedReleaseIsAtLeast" oldestSupportedReleaseIsAtLeast;
  versionSuffix =
    let
      file = ../.version-suffix;
    in
    if pathExists file then lib.fileContents file else "pre-git";
  version = release + versionSuffix;
  nixpkgsVersion = warn "lib.nixpkgsVersion is deprecated; use lib.version" version;
  revisionWithDefault =
    default:
    let
      file = ../.git-revision;
    in
    if pathExists file then lib.fileContents file else default;

  # The surroundings of this evaluation.
  inNixShell = builtins.getEnv "IN_NIX_SHELL" != "";
  inPureEvalMode = !(builtins ? currentSystem);
}
