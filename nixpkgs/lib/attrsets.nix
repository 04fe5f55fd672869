# SPDX-License-Identifier: GPL-2.0-or-later
# Attribute sets: paths into them, mapping, filtering, folding, merging, and the outputs of packages.
{ lib }:

let
  inherit (builtins)
    attrNames
    attrValues
    concatLists
    concatMap
    elemAt
    filter
    foldl'
    hasAttr
    head
    isAttrs
    length
    listToAttrs
    mapAttrs
    removeAttrs
    tail
    ;
in
rec {
  inherit (builtins)
    attrNames
    attrValues
    catAttrs
    getAttr
    hasAttr
    intersectAttrs
    isAttrs
    listToAttrs
    mapAttrs
    removeAttrs
    ;

  # Paths.

  attrByPath =
    path: default: value:
    let
      end = length path;
      walk =
        i: v:
        if i == end then
          v
        else if v ? ${elemAt path i} then
          walk (i + 1) v.${elemAt path i}
        else
          default;
    in
    walk 0 value;

  hasAttrByPath =
    path: value:
    let
      end = length path;
      walk = i: v: i == end || (v ? ${elemAt path i} && walk (i + 1) v.${elemAt path i});
    in
    walk 0 value;

  longestValidPathPrefix =
    path: value:
    let
      end = length path;
      walk = i: v: if i < end && v ? ${elemAt path i} then walk (i + 1) v.${elemAt path i} else i;
    in
    lib.take (walk 0 value) path;

  setAttrByPath =
    path: value:
    let
      end = length path;
      wrap = i: if i == end then value else { ${elemAt path i} = wrap (i + 1); };
    in
    wrap 0;

  getAttrFromPath = path: attrByPath path (abort ("cannot find attribute '" + lib.concatStringsSep "." path + "'"));

  showAttrPath =
    path:
    if path == [ ] then "<root attribute path>" else lib.concatMapStringsSep "." lib.strings.escapeNixIdentifier path;

  # Each update is { path; update = old: new; }; an inner path is updated before the paths that hold it.
  updateManyAttrsByPath =
    let
      go =
        depth: hasValue: value: updates:
        let
          parted = lib.partition (u: length u.path == depth) updates;
          below = builtins.groupBy (u: elemAt u.path depth) parted.wrong;
          inner =
            if parted.wrong == [ ] then
              value
            else if !hasValue then
              mapAttrs (_: go (depth + 1) false null) below
            else if isAttrs value then
              value // mapAttrs (name: go (depth + 1) (value ? ${name}) (value.${name} or null)) below
            else
              throw "updateManyAttrsByPath: path '${
                showAttrPath (lib.take depth (head parted.wrong).path)
              }' holds no attribute set, so it cannot be updated below";
          has = hasValue || parted.wrong != [ ];
          missing = throw "updateManyAttrsByPath: path '${
            showAttrPath (head parted.right).path
          }' does not exist in the given value, but an update needs it";
        in
        # The first update sees a missing value only if it looks at it.
        foldl' (old: u: u.update old) (if has || parted.right == [ ] then inner else missing) parted.right;
    in
    updates: value: go 0 true value updates;

  # Selecting.

  attrVals = names: set: map (name: set.${name}) names;
  getAttrs =
    names: set:
    listToAttrs (
      map (name: {
        inherit name;
        value = set.${name};
      }) names
    );
  filterAttrs = pred: set: removeAttrs set (filter (name: !pred name set.${name}) (attrNames set));
  filterAttrsRecursive =
    pred: set:
    mapAttrs (_: v: if isAttrs v then filterAttrsRecursive pred v else v) (filterAttrs pred set);
  optionalAttrs = cond: set: if cond then set else { };
  matchAttrs =
    pattern: value:
    assert isAttrs pattern;
    lib.all (
      name:
      value ? ${name}
      && (
        if isAttrs pattern.${name} then
          isAttrs value.${name} && matchAttrs pattern.${name} value.${name}
        else
          pattern.${name} == value.${name}
      )
    ) (attrNames pattern);

  # Mapping.

  nameValuePair = name: value: { inherit name value; };
  mapAttrs' = f: set: listToAttrs (map (name: f name set.${name}) (attrNames set));
  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
  attrsToList = mapAttrsToList nameValuePair;
  genAttrs =
    names: f:
    listToAttrs (
      map (name: {
        inherit name;
        value = f name;
      }) names
    );
  genAttrs' = items: f: listToAttrs (map f items);
  concatMapAttrs = f: set: mergeAttrsList (attrValues (mapAttrs f set));

  mapAttrsRecursive = mapAttrsRecursiveCond (_: true);
  mapAttrsRecursiveCond =
    cond: f:
    let
      go = path: mapAttrs (name: v: if isAttrs v && cond v then go (path ++ [ name ]) v else f (path ++ [ name ]) v);
    in
    go [ ];
  mapAttrsToListRecursive = mapAttrsToListRecursiveCond (_: _: true);
  mapAttrsToListRecursiveCond =
    cond: f:
    let
      go =
        path: set:
        concatMap (
          name:
          let
            here = path ++ [ name ];
            v = set.${name};
          in
          if isAttrs v && cond here v then go here v else [ (f here v) ]
        ) (attrNames set);
    in
    go [ ];

  # The values, at any depth, for which pred holds; what is found is not searched.
  collect =
    pred: value:
    if pred value then
      [ value ]
    else if isAttrs value then
      concatMap (collect pred) (attrValues value)
    else
      [ ];

  # Folding and merging.

  foldlAttrs =
    f: init: set:
    foldl' (acc: name: f acc name set.${name}) init (attrNames set);
  foldAttrs =
    f: init: sets:
    zipAttrsWith (_: lib.foldr f init) sets;

  zipAttrsWithNames =
    names: f: sets:
    genAttrs names (name: f name (builtins.catAttrs name sets));
  zipAttrsWith =
    builtins.zipAttrsWith or (f: sets: zipAttrsWithNames (lib.unique (concatMap attrNames sets)) f sets);
  zipAttrs = zipAttrsWith (_: values: values);

  # Later sets win. The list is halved, so that no left side is copied more than log n times.
  mergeAttrsList =
    sets:
    let
      go =
        from: to:
        if to - from < 2 then
          (if from == to then { } else elemAt sets from)
        else
          let
            middle = (from + to) / 2;
          in
          go from middle // go middle to;
    in
    go 0 (length sets);

  recursiveUpdateUntil =
    stop: left: right:
    let
      go =
        path:
        zipAttrsWith (
          name: values:
          let
            here = path ++ [ name ];
          in
          if length values == 1 then
            head values
          else if stop here (elemAt values 1) (head values) then
            head values
          else
            go here values
        );
    in
    go [ ] [
      right
      left
    ];
  recursiveUpdate = recursiveUpdateUntil (
    _: l: r:
    !(isAttrs l && isAttrs r)
  );
  overrideExisting = old: new: mapAttrs (name: v: new.${name} or v) old;
  unionOfDisjoint =
    a: b:
    (a // b)
    // mapAttrs (
      name: _: throw "unionOfDisjoint: attribute '${name}' is in both sets"
    ) (builtins.intersectAttrs a b);

  cartesianProduct =
    lists:
    foldl' (rows: name: concatMap (row: map (v: row // { ${name} = v; }) lists.${name}) rows) [ { } ] (
      attrNames lists
    );
  mapCartesianProduct = f: lists: map f (cartesianProduct lists);

  # Packages.

  isDerivation = v: v.type or null == "derivation";
  toDerivation =
    path:
    let
      storePath = builtins.storePath path;
      self = {
        type = "derivation";
        name = lib.strings.sanitizeDerivationName (builtins.substring 33 (-1) (baseNameOf path));
        outPath = storePath;
        outputs = [ "out" ];
        outputName = "out";
        out = self;
      };
    in
    self;
  getOutput =
    name: pkg: if pkg.outputSpecified or false then pkg else pkg.${name} or pkg.out or pkg;
  getFirstOutput =
    candidates: pkg:
    let
      present = filter (name: hasAttr name pkg) candidates;
    in
    if pkg.outputSpecified or false || present == [ ] then pkg else pkg.${head present};
  getBin = getOutput "bin";
  getLib = getOutput "lib";
  getStatic = getFirstOutput [
    "static"
    "lib"
    "out"
  ];
  getDev = getOutput "dev";
  getInclude = getFirstOutput [
    "include"
    "dev"
    "out"
  ];
  getMan = getOutput "man";
  chooseDevOutputs = map getDev;
  recurseIntoAttrs = set: set // { recurseForDerivations = true; };
  dontRecurseIntoAttrs = set: set // { recurseForDerivations = false; };
}
