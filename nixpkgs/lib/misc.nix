# SPDX-License-Identifier: GPL-2.0-or-later
# Functions of old that packages out there may still call, and fake hashes. New code has better ones elsewhere in lib.
{ lib }:

let
  inherit (builtins)
    attrNames
    elemAt
    filter
    foldl'
    hasAttr
    head
    isAttrs
    isFunction
    isList
    tail
    ;

  # The inputs whose closure is wanted, with their propagated ones.
  inputsOf = pkg: filter (x: x != null) ((pkg.propagatedBuildInputs or [ ]) ++ (pkg.propagatedNativeBuildInputs or [ ]));

  # An empty value of the same kind.
  defaultOf =
    v:
    if isList v then
      [ ]
    else if isAttrs v then
      { }
    else if builtins.isString v then
      ""
    else if builtins.isBool v then
      false
    else
      null;
in
rec {
  fakeHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  fakeSha256 = lib.strings.replicate 64 "0";
  fakeSha512 = lib.strings.replicate 128 "0";

  maybeEnv =
    name: default:
    let
      value = builtins.getEnv name;
    in
    if value == "" then default else value;
  maybeAttr =
    name: default: set:
    set.${name} or default;
  maybeAttrNullable = maybeAttr;
  ifEnable = cond: value: if cond then value else defaultOf value;
  nvs = name: value: { ${name} = value; };
  setAttr =
    set: name: value:
    set // { ${name} = value; };
  setAttrMerge =
    name: default: set: f:
    set // { ${name} = f (set.${name} or default); };
  imap = lib.imap1;

  nixType =
    x:
    if isAttrs x then
      if x ? outPath then "derivation" else "attrs"
    else if isFunction x then
      "function"
    else if isList x then
      "list"
    else if x == true || x == false then
      "bool"
    else if x == null then
      "null"
    else if builtins.isInt x then
      "int"
    else
      "string";

  # Functions of sets that gather their arguments over several calls.
  foldArgs =
    merge: f: init: x:
    let
      all = merge init (defaultMergeArg init x);
      again = foldArgs merge f all;
    in
    f all // { __functor = _: again; };
  defaultMerge = a: b: a // b;
  defaultMergeArg = old: new: if isAttrs new then new else new old;
  innerModifySumArgs =
    f: x: a: b:
    if b == null then (f a b) // x else innerModifySumArgs f x (a // b);
  modifySumArgs = f: x: innerModifySumArgs f x { };

  # Conditions in flat lists and sets.
  condConcat =
    name: list: check:
    if list == [ ] then
      name
    else
      condConcat (if check (head list) then name + elemAt list 1 else name) (lib.drop 2 list) check;
  checkFlag =
    set: name:
    if name == "true" then
      true
    else if name == "false" then
      false
    else if lib.elem name (set.flags or [ ]) then
      true
    else
      set.${name} or false;
  getValue =
    set: defaults: name:
    let
      found = filter (row: head row == name) defaults;
    in
    set.${name} or (if found == [ ] then null else elemAt (head found) 1);
  checkReqs =
    set: defaults: conds:
    lib.all (
      row:
      let
        name = head row;
      in
      !checkFlag set name || lib.all (req: checkFlag set req) (tail row)
    ) conds;

  uniqList =
    {
      inputList,
      acc ? [ ],
    }:
    acc ++ lib.subtractLists acc (lib.unique inputList);
  uniqListExt =
    {
      inputList,
      outputList ? [ ],
      getter ? (x: x),
      compare ? (a: b: a == b),
    }:
    foldl' (done: x: if lib.any (y: compare (getter x) (getter y)) done then done else done ++ [ x ]) outputList inputList;

  # Closures of propagated inputs.
  closePropagation = pkgs: if pkgs == [ ] then [ ] else closePropagationFast pkgs;
  closePropagationSlow =
    pkgs: lib.uniqList { inputList = innerClosePropagation [ ] pkgs; };
  innerClosePropagation =
    done: pkgs:
    foldl' (acc: pkg: if pkg == null || lib.elem pkg acc then acc else innerClosePropagation (acc ++ [ pkg ]) (inputsOf pkg)) done pkgs;
  closePropagationFast =
    pkgs:
    let
      item = val: {
        key = val.outPath;
        inherit val;
      };
      derivations = filter (p: p ? outPath);
    in
    map (x: x.val) (
      builtins.genericClosure {
        startSet = map item (derivations (filter (p: p != null) pkgs));
        operator = x: map item (derivations (inputsOf x.val));
      }
    );
  # As genericClosure, but elements are only compared when they are reached.
  lazyGenericClosure =
    { startSet, operator }:
    let
      go =
        todo: seen: done:
        if todo == [ ] then
          done
        else
          let
            x = head todo;
          in
          if lib.elem x.key seen then
            go (tail todo) seen done
          else
            go (operator x ++ tail todo) ([ x.key ] ++ seen) ([ x ] ++ done);
    in
    go startSet [ ] [ ];

  # Merging sets whose attributes say how.
  mergeAttrsWithFunc =
    f: a: b:
    foldl' (acc: n: acc // { ${n} = if hasAttr n acc then f acc.${n} b.${n} else b.${n}; }) a (attrNames b);
  mergeAttrsConcatenateValues = mergeAttrsWithFunc (a: b: lib.toList a ++ lib.toList b);
  mergeAttrsNoOverride =
    {
      mergeLists ? [
        "buildInputs"
        "propagatedBuildInputs"
      ],
      overrideSnd ? [ "buildPhase" ],
    }:
    a: b:
    foldl' (
      acc: n:
      acc
      // {
        ${n} =
          if !(hasAttr n acc) then
            b.${n}
          else if lib.elem n mergeLists then
            acc.${n} ++ b.${n}
          else if lib.elem n overrideSnd then
            b.${n}
          else
            throw "mergeAttrsNoOverride: the attribute ${n} is in both sets";
      }
    ) a (attrNames b);
  mergeAttrByFunc =
    a: b:
    let
      by = mergeAttrBy // (a.mergeAttrBy or { }) // (b.mergeAttrBy or { });
    in
    foldl' lib.mergeAttrs { } [
      a
      b
      (builtins.mapAttrs (
        n: f: if hasAttr n a && hasAttr n b then f a.${n} b.${n} else a.${n} or b.${n}
      ) (lib.filterAttrs (n: _: hasAttr n a || hasAttr n b) by))
      (lib.optionalAttrs (a ? mergeAttrBy || b ? mergeAttrBy) { mergeAttrBy = by; })
    ];
  mergeAttrsByFuncDefaults = foldl' mergeAttrByFunc { };
  mergeAttrsByFuncDefaultsClean = list: removeAttrs (mergeAttrsByFuncDefaults list) [ "mergeAttrBy" ];
  mergeAttrBy =
    lib.genAttrs [
      "buildInputs"
      "configureFlags"
      "nativeBuildInputs"
      "patches"
      "prePhases"
      "propagatedBuildInputs"
    ] (_: a: b: a ++ b)
    // lib.genAttrs [
      "cfg"
      "flags"
      "meta"
      "passthru"
    ] (_: lib.mergeAttrs)
    // lib.genAttrs [
      "postAll"
      "postInstall"
      "preConfigure"
    ] (_: a: b: a + "\n" + b);
}
