# SPDX-License-Identifier: GPL-2.0-or-later
# What definitions of undeclared options come to: merge PATH DEFAULTS [ { file; value; } ... ] gives a value, or a set of
# values by name. Nothing below what is asked for is evaluated, no condition before a value that hangs on it is, and
# definitions never contradict each other: these options have no types, and nothing is made of them.
{ lib }:
let
  inherit (builtins) concatMap elem filter foldl' head isAttrs isList length mapAttrs;

  # The spaces in which NAME.enable is false where nobody says otherwise.
  switched = [ "services" "programs" "virtualisation" "hardware" "security" "networking" ];

  # Names that modules give below those that a configuration writes: of no value here, but an error that can be caught, so that a unit or file with
  # one is left out.
  without = path: throw "config.${lib.showOption path} is given by a module that is not part of kernix";
  given = path:
    if length path == 2 && (head path == "services" || head path == "programs") then { package = without (path ++ [ "package" ]); }
    else if length path == 3 && elem (lib.take 2 path) [ [ "age" "secrets" ] [ "sops" "secrets" ] [ "sops" "templates" ] ] then { path = without (path ++ [ "path" ]); }
    else { };

  # A definition without its properties: { value; conditions; priority; }, one for each part of mkMerge.
  plain = item:
    let
      inherit (item) value;
      kind = if isAttrs value then value._type or null else null;
    in
    if kind == "merge" then concatMap (part: plain (item // { value = part; })) value.contents
    else if kind == "if" then plain (item // { value = value.content; conditions = item.conditions ++ [ value.condition ]; })
    else if kind == "override" then plain (item // { value = value.content; inherit (value) priority; })
    else if kind == "order" then plain (item // { value = value.content; })
    else if kind == "definition" then plain (item // { inherit (value) value; })
    else [ item ];

  isNode = item: isAttrs item.value && !(item.value ? _type || item.value ? outPath || item.value ? __functor);

  node = path: defaults: items:
    let
      byName = lib.zipAttrsWith (_: same: same)
        (map (item: mapAttrs (_: value: item // { inherit value; }) item.value) items);
      switch = lib.optionalAttrs (length path == 2 && elem (head path) switched) { enable = false; };
    in
    given path // switch // defaults // mapAttrs (name: below (path ++ [ name ]) (defaults.${name} or { })) byName;

  # The definitions that hold, by priority; lists are joined, and of all else the last one counts.
  leaf = path: defaults: items:
    let
      holding = filter (item: lib.all (condition: condition) item.conditions) items;
      first = foldl' (least: item: lib.min least item.priority) 9999 holding;
      values = map (item: item.value) (filter (item: item.priority == first) holding);
    in
    if values == [ ] then
      (if defaults != { } then defaults
      else if lib.last path == "enable" then false
      else throw "The option `${lib.showOption path}' has no value here. It is one that kernix leaves to the distribution, so its default is not known: set it where it is used.")
    else if length values == 1 then head values
    else if lib.all isList values then lib.concatLists values
    else lib.last values;

  below = path: defaults: items:
    let all = concatMap plain items;
    in if all != [ ] && lib.all isNode all then node path (if isAttrs defaults then defaults else { }) all else leaf path defaults all;
in
path: defaults: defs:
below path defaults (map (def: { inherit (def) value; conditions = [ ]; priority = 100; }) defs)
