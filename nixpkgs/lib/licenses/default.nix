# SPDX-License-Identifier: GPL-2.0-or-later
# Licences for meta.license: single ones (spdx.nix, others.nix), and expressions of several with AND, OR, WITH an
# exception, and PLUS later versions.
{ lib }:

let
  spdx = import ./spdx.nix;
  others = import ./others.nix;

  license =
    {
      free ? true,
      redistributable ? free,
      deprecated ? false,
    }:
    shortName: more:
    {
      inherit
        deprecated
        free
        redistributable
        shortName
        ;
      licenseType = "simple";
    }
    // more;

  listed =
    flags:
    builtins.mapAttrs (
      shortName: row:
      let
        spdxId = builtins.elemAt row 0;
      in
      license flags shortName {
        inherit spdxId;
        fullName = builtins.elemAt row 1;
        url = "https://spdx.org/licenses/${spdxId}.html";
      }
    );
  unlisted =
    flags:
    builtins.mapAttrs (
      shortName: row:
      license flags shortName (
        {
          fullName = builtins.elemAt row 0;
        }
        // lib.optionalAttrs (builtins.length row > 1) { url = builtins.elemAt row 1; }
      )
    );

  compound = operator: licenses: {
    licenseType = "compound";
    inherit operator licenses;
  };

  isSimple = l: builtins.isString l || !(l ? licenses) || l.licenseType or "simple" == "simple";

  # f at each single licence; lists, as of old, mean that all apply.
  evaluate =
    f: l:
    if builtins.isList l then
      lib.all (evaluate f) l
    else if isSimple l then
      f l
    else if l.operator == "OR" then
      lib.any (evaluate f) l.licenses
    else if l.operator == "AND" then
      lib.all (evaluate f) l.licenses
    else
      # An exception or the word `later` changes nothing about the licence before it.
      evaluate f (builtins.head l.licenses);

  singles =
    l:
    if builtins.isList l then
      lib.concatMap singles l
    else if isSimple l then
      [ l ]
    else
      lib.concatMap singles l.licenses;

  toSPDX =
    l:
    let
      inner = x: if isSimple x || x.operator == "WITH" || x.operator == "PLUS" then toSPDX x else "(${toSPDX x})";
    in
    if builtins.isList l then
      toSPDX (compound "AND" l)
    else if isSimple l then
      l.spdxId or "LicenseRef-nixos-${if builtins.isString l then l else l.shortName}"
    else if l.operator == "PLUS" then
      "${toSPDX (builtins.head l.licenses)}+"
    else
      lib.concatMapStringsSep " ${l.operator} " inner l.licenses;
in
listed { } spdx.free
// listed { deprecated = true; } spdx.deprecated
// listed { free = false; } spdx.unfree
// unlisted { } others.free
// unlisted { free = false; } others.unfree
// unlisted {
  free = false;
  redistributable = true;
} others.redistributable
// {
  # Expressions.
  AND = compound "AND";
  OR = compound "OR";
  WITH =
    base: exception:
    compound "WITH" [
      base
      exception
    ];
  PLUS = base: compound "PLUS" [ base ];
  inherit toSPDX;

  # Questions about licences and expressions.
  evaluateProperty = evaluate;
  evaluateNamedProperty = name: evaluate (l: l.${name} or true);
  isFree = evaluate (l: l.free or true);
  isRedistributable = evaluate (l: l.redistributable or l.free or true);
  containsLicenses = wanted: l: lib.any (x: lib.elem x (singles l)) (lib.toList wanted);
}
