# SPDX-License-Identifier: GPL-2.0-or-later
# The words of options that are left to the distribution, as far as they are known: those whose kernel's part is done (kernel-part.nix), those with a
# known default (in the spaces where all are listed), and those of foreign-words.json. A word that is all but one of them is a mistake.
{ config, lib, defaults }:
let
  inherit (builtins) attrNames concatMap elem filter head isAttrs length;
  attempt = import ../../lib/attempt.nix;
  near = import ./near-words.nix { inherit lib; };
  table = builtins.fromJSON (builtins.readFile ./kernel-part.json);
  sets = import ./kernel-part-sets.nix { inherit config lib; };
  listed = builtins.fromJSON (builtins.readFile ./foreign-words.json);

  # Short words are near to too many others; the names of whole spaces are few.
  limits = [ { from = 4; mistakes = 1; } { from = 12; mistakes = 2; } ];
  limitsOfSpaces = [ { from = 4; mistakes = 1; } { from = 10; mistakes = 2; } ];

  complete = [ "boot" "hardware" "virtualisation" "system" "zramSwap" ];
  # Everywhere else a set may have these.
  usual = [ "enable" "package" ];
  rows = space: name: map (rest: if rest == "" then [ ] else lib.splitString "." rest) (attrNames (table.${space}.${name} or { } // sets.${space}.${name} or { }));
  rowWords = path:
    let rest = lib.drop 2 path; deep = length rest;
    in concatMap (row: lib.optional (length row > deep && lib.take deep row == rest) (builtins.elemAt row deep)) (rows (head path) (builtins.elemAt path 1));
  defaultWords = path:
    let known = if lib.last path == "package" then null else lib.attrByPath path null defaults;
    in lib.optionals (isAttrs known && !(known ? outPath)) (attrNames known);

  # The known words below PATH; none where any word may stand.
  below = path:
    let all = elem (head path) complete; in
    if length path == 1 then listed.${head path} or [ ] ++ lib.optionals all (attrNames (table.${head path} or { }) ++ attrNames (sets.${head path} or { }) ++ defaultWords path)
    else
      let words = rowWords path ++ listed.${lib.concatStringsSep "." path} or [ ] ++ lib.optionals all (defaultWords path);
      in if words == [ ] then [ ] else words ++ lib.optionals (!all) usual;

  # The sets of a definition, whatever they hang on. What cannot be evaluated has no words.
  contents = value:
    let tried = attempt (if isAttrs value then value._type or "" else null); kind = tried.value; in
    if !tried.success || kind == null then [ ]
    else if kind == "if" || kind == "override" || kind == "order" then contents value.content
    else if kind == "merge" then let parts = attempt value.contents; in lib.optionals parts.success (concatMap contents parts.value)
    else lib.optional (kind == "" && !(value ? outPath)) value;

  # The definitions below DEF of words that are not known, with the words that are: `beside`.
  strangers = def:
    let
      words = below def.prefix;
      each = name: value:
        let inner = def // { prefix = def.prefix ++ [ name ]; value = value.${name}; pos = builtins.unsafeGetAttrPos name value; };
        in if elem name words then strangers inner else [ (inner // { beside = words; }) ];
    in
    if words == [ ] || length def.prefix < 2 then [ ] else concatMap (value: concatMap (name: each name value) (attrNames value)) (contents def.value);
in
{
  inherit below strangers;
  near = near limits;
  nearSpaces = near limitsOfSpaces;
  # Those that are a mistake, with what was meant.
  mistakesBelow = def: filter (inner: inner.beside != [ ]) (map (inner: inner // { beside = lib.unique (near limits inner.beside (lib.last inner.prefix)); }) (strangers def));
}
