# SPDX-License-Identifier: GPL-2.0-or-later
# Every derivation of the embedded package set by its attribute path: { "linuxPackages.kernel" = "/nix/store/....drv"; ... }. What throws is
# listed as null, so that both evaluators must agree on that too. Sets are entered where recurseForDerivations says so, and one level of pkgsCross.
{ pkgs ? import <nixpkgs> { } }:
let
  inherit (builtins) attrNames concatMap concatLists isAttrs tryEval listToAttrs elem stringLength;
  skip = [ "pkgs" "lib" "buildPackages" "targetPackages" "__splicedPackages" "pkgsCross" "pkgsBuildHost" "pkgsBuildBuild" "pkgsHostTarget" "pkgsHostHost" "pkgsBuildTarget" "pkgsTargetTarget" "stdenv" "override" "overrideDerivation" ];
  walk = depth: prefix: set:
    concatMap
      (name:
        let
          path = if prefix == "" then name else "${prefix}.${name}";
          known = tryEval (isAttrs set.${name});
          value = set.${name};
          kind = tryEval (value.type or null == "derivation");
          drv = tryEval value.drvPath;
          enters = tryEval (value.recurseForDerivations or false == true);
        in
        if elem name skip then [ ]
        else if !known.success then [{ name = path; value = null; }]
        else if !known.value then [ ]
        else if kind.success && kind.value then [{ name = path; value = if drv.success then drv.value else null; }]
        else if depth > 0 && enters.success && enters.value then walk (depth - 1) path value
        else [ ])
      (attrNames set);
in
listToAttrs (walk 2 "" pkgs)
