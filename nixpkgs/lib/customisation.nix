# SPDX-License-Identifier: GPL-2.0-or-later
# Functions and packages that can be changed after the fact: override, callPackage, scopes of packages, extended
# derivations, and what a cross-compiling package set renames.
{ lib }:

let
  inherit (builtins)
    attrNames
    intersectAttrs
    isAttrs
    listToAttrs
    removeAttrs
    ;
  inherit (lib) extends mirrorFunctionArgs;

  asFunction = fn: if lib.isFunction fn then fn else import fn;

  # What a caller forgot, with where the function wants it and what may have been meant.
  missingArgument =
    autoArgs: args: fn: fargs: name:
    let
      at = builtins.unsafeGetAttrPos name fargs;
      place =
        if at != null then
          "${at.file}:${toString at.line}"
        else if !lib.isFunction fn then
          toString fn + lib.optionalString (lib.pathIsDirectory fn) "/default.nix"
        else
          "<unknown location>";
      near =
        map (c: "\"${c}\"") (
          lib.take 3 (
            lib.sortOn (lib.strings.levenshtein name) (
              builtins.filter (lib.strings.levenshteinAtMost 2 name) (attrNames (autoArgs // args))
            )
          )
        );
      hint =
        if near == [ ] then
          ""
        else if builtins.length near == 1 then
          ", did you mean ${builtins.head near}?"
        else
          ", did you mean ${lib.concatStringsSep ", " (lib.init near)} or ${lib.last near}?";
    in
    "Function called without required argument \"${name}\" at ${place}${hint}";

  # The outputs of a derivation as a list of { name, value }, each made by f.
  eachOutput =
    drv: f:
    map (name: {
      inherit name;
      value = f name;
    }) (drv.outputs or [ "out" ]);

  crossIndices = [
    "BuildBuild"
    "BuildHost"
    "BuildTarget"
    "HostHost"
    "HostTarget"
    "TargetTarget"
  ];
  unprefixed = index: lib.toLower (builtins.substring 0 1 index) + builtins.substring 1 (-1) index;
in
rec {
  overrideDerivation =
    drv: f:
    let
      changed = derivation (drv.drvAttrs // f drv);
      kept = {
        meta = drv.meta or { };
        passthru = drv.passthru or { };
      } // (drv.passthru or { }) // lib.optionalAttrs (drv ? __spliced) {
        __spliced = { } // builtins.mapAttrs (_: spliced: overrideDerivation spliced f) drv.__spliced;
      };
    in
    extendDerivation (builtins.seq drv.drvPath true) kept changed;

  # The result of f args, with `override` to call f again with other arguments.
  makeOverridable =
    f:
    let
      mirror = mirrorFunctionArgs f;
    in
    mirror (
      args:
      let
        result = f args;
        with' = changes: args // (if lib.isFunction changes then changes args else changes);
        override = mirror (changes: makeOverridable f (with' changes));
        after = g: makeOverridable (mirror (again: g (f again))) args;
      in
      if isAttrs result then
        result
        // {
          inherit override;
          overrideDerivation = change: after (drv: overrideDerivation drv change);
          ${if result ? overrideAttrs then "overrideAttrs" else null} = change: after (drv: drv.overrideAttrs change);
        }
      else if lib.isFunction result then
        lib.setFunctionArgs result (lib.functionArgs result) // { inherit override; }
      else
        result
    );

  callPackageWith =
    autoArgs: fn: args:
    let
      f = asFunction fn;
      fargs = lib.functionArgs f;
      all = intersectAttrs fargs autoArgs // args;
      missing = builtins.filter (name: !(fargs.${name} || all ? ${name})) (attrNames fargs);
    in
    if missing == [ ] then
      makeOverridable f all
    else
      abort "lib.customisation.callPackageWith: ${missingArgument autoArgs args fn fargs (builtins.head missing)}";

  # For a function that returns a set of packages: each can be overridden.
  callPackagesWith =
    autoArgs: fn: args:
    let
      f = asFunction fn;
      mirror = mirrorFunctionArgs f;
      all = intersectAttrs (lib.functionArgs f) autoArgs // args;
      pkgs = f all;
    in
    if lib.isDerivation pkgs then
      throw "callPackagesWith: the function returned one derivation (${pkgs.name or "unnamed"}) instead of a set of them; use callPackage"
    else
      builtins.mapAttrs (name: _: makeOverridable (mirror (again: (f again).${name})) all) pkgs;

  # drv and its outputs with further attributes; nothing of it can be built unless condition holds.
  extendDerivation =
    condition: passthru: drv:
    let
      outputs = eachOutput drv (
        name:
        common
        // {
          inherit (drv.${name}) type outputName;
          outputSpecified = true;
          drvPath =
            assert condition;
            drv.${name}.drvPath;
          outPath =
            assert condition;
            drv.${name}.outPath;
        }
      );
      common =
        drv
        // listToAttrs outputs
        // {
          all = map (o: o.value) outputs;
        }
        // passthru;
    in
    common
    // {
      drvPath =
        assert condition;
        drv.drvPath;
      outPath =
        assert condition;
        drv.outPath;
    };

  # A derivation reduced to what a build farm needs, and forced.
  hydraJob =
    drv:
    let
      outputs = eachOutput drv (
        name:
        common
        // {
          inherit (drv.${name}) outPath drvPath;
          type = "derivation";
          outputName = name;
        }
      );
      common = {
        inherit (drv) name system;
        meta = drv.meta or { };
        outputs = drv.outputs or [ "out" ];
      }
      // lib.optionalAttrs (drv._hydraAggregate or false) {
        _hydraAggregate = true;
        constituents = map hydraJob (lib.flatten drv.constituents);
      }
      // listToAttrs outputs;
      main = (builtins.head outputs).value;
    in
    if drv == null then null else builtins.deepSeq main main;

  # A builder function like constructDrv, whose arguments extendDrvArgs completes.
  extendMkDerivation =
    {
      constructDrv,
      excludeDrvArgNames ? [ ],
      excludeFunctionArgNames ? [ ],
      extendDrvArgs,
      inheritFunctionArgs ? true,
      transformDrv ? lib.id,
    }:
    let
      extended =
        f: final:
        let
          given = f final;
        in
        removeAttrs given excludeDrvArgNames // extendDrvArgs final given;
      wanted =
        lib.functionArgs (extendDrvArgs { })
        // lib.optionalAttrs inheritFunctionArgs (lib.functionArgs constructDrv);
    in
    lib.setFunctionArgs (args: transformDrv (constructDrv (extended (lib.toFunction args)))) (
      removeAttrs wanted excludeFunctionArgNames
    )
    // {
      inherit
        constructDrv
        excludeDrvArgNames
        excludeFunctionArgNames
        extendDrvArgs
        transformDrv
        ;
    };

  makeScope =
    newScope: f:
    let
      self = f self // {
        newScope = scope: newScope (self // scope);
        callPackage = self.newScope { };
        overrideScope = overlay: makeScope newScope (extends overlay f);
        packages = f;
      };
    in
    self;

  makeScopeWithSplicing =
    splicePackages: newScope: otherSplices: keep: extra: f:
    makeScopeWithSplicing' { inherit splicePackages newScope; } {
      inherit
        otherSplices
        keep
        extra
        f
        ;
    };

  # Scopes of cross-compilation: each package also exists as built for and running on the other platforms.
  makeScopeWithSplicing' =
    { splicePackages, newScope }@tools:
    {
      otherSplices,
      keep ? (_: { }),
      extra ? (_: { }),
      f,
    }@scope:
    let
      splicedBase = splicePackages (
        renameCrossIndexTo "pkgs" (renameCrossIndexFrom "self" otherSplices // { hostTarget = self; })
      );
      spliced = extra splicedBase // splicedBase // keep self;
      self = f self // {
        newScope = more: newScope (spliced // more);
        callPackage = newScope spliced;
        overrideScope = overlay: makeScopeWithSplicing' tools (scope // { f = extends overlay f; });
        packages = f;
      };
    in
    self;

  # Sets with one value for each pair of platforms, and their names in package sets and scopes.
  mapCrossIndex =
    f:
    {
      buildBuild,
      buildHost,
      buildTarget,
      hostHost,
      hostTarget,
      targetTarget,
    }@index:
    builtins.mapAttrs (_: f) index;
  renameCrossIndexFrom =
    prefix: set:
    listToAttrs (
      map (i: {
        name = unprefixed i;
        value = set."${prefix}${i}";
      }) crossIndices
    );
  renameCrossIndexTo =
    prefix: index:
    listToAttrs (
      map (i: {
        name = prefix + i;
        value = index.${unprefixed i};
      }) crossIndices
    );
}
