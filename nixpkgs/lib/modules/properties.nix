# SPDX-License-Identifier: GPL-2.0-or-later
# Properties of definitions: conditions, priorities, order, several definitions in one; and how they are taken off
# again. Definitions of the lowest priority number win; among those, `order` sorts what is merged.
{ lib }:

let
  inherit (builtins)
    concatMap
    foldl'
    isBool
    mapAttrs
    ;

  # The priority of a definition's value, and the value without it.
  getPriority = value: if value._type or null == "override" then value.priority else defaultOverridePriority;
  defaultOverridePriority = 100;
  defaultOrderPriority = 1000;
in
rec {
  inherit defaultOrderPriority defaultOverridePriority;

  # Making properties.

  mkIf = condition: content: {
    _type = "if";
    inherit condition content;
  };
  mkAssert = assertion: message: mkIf (assertion || throw "\nFailed assertion: ${message}");
  mkMerge = contents: {
    _type = "merge";
    inherit contents;
  };
  mkOverride = priority: content: {
    _type = "override";
    inherit priority content;
  };
  mkOptionDefault = mkOverride 1500;
  mkDefault = mkOverride 1000;
  mkImageMediaOverride = mkOverride 60;
  mkForce = mkOverride 50;
  mkVMOverride = mkOverride 10;
  mkOrder = priority: content: {
    _type = "order";
    inherit priority content;
  };
  mkBefore = mkOrder 500;
  mkAfter = mkOrder 1500;
  # A definition that says itself where it was made: { file, value }.
  mkDefinition = definition: definition // { _type = "definition"; };
  mkFixStrictness = lib.warn "lib.mkFixStrictness has no effect and will be removed. It returns its argument unmodified, so you can just remove any calls." lib.id;

  # Taking them off.

  # A set with properties around it, as sets that have the properties at each attribute.
  pushDownProperties =
    value:
    let
      kind = value._type or null;
    in
    if kind == null then
      [ value ]
    else if kind == "merge" then
      concatMap pushDownProperties value.contents
    else if kind == "if" then
      map (mapAttrs (_: mkIf value.condition)) (pushDownProperties value.content)
    else if kind == "override" then
      map (mapAttrs (_: mkOverride value.priority)) (pushDownProperties value.content)
    else
      [ value ];

  # The values that hold, out of mkMerge and mkIf.
  dischargeProperties =
    value:
    let
      kind = value._type or null;
    in
    if kind == null then
      [ value ]
    else if kind == "merge" then
      concatMap dischargeProperties value.contents
    else if kind == "if" then
      if !isBool value.condition then
        throw "‘mkIf’ called with a non-Boolean condition"
      else if value.condition then
        dischargeProperties value.content
      else
        [ ]
    else
      [ value ];

  filterOverrides = defs: (filterOverrides' defs).values;
  filterOverrides' =
    defs:
    let
      highestPrio = foldl' (prio: def: lib.min prio (getPriority def.value)) 9999 defs;
      strip =
        def:
        if getPriority def.value != highestPrio then
          [ ]
        else if def.value._type or null == "override" then
          [ (def // { value = def.value.content; }) ]
        else
          [ def ];
    in
    {
      inherit highestPrio;
      values = concatMap strip defs;
    };

  sortProperties =
    defs:
    let
      strip =
        def:
        if def.value._type or null == "order" then
          def
          // {
            value = def.value.content;
            inherit (def.value) priority;
          }
        else
          def;
      priority = def: def.priority or defaultOrderPriority;
    in
    builtins.sort (a: b: priority a < priority b) (map strip defs);

  # f applied to the values below the properties, which stay.
  mapDefinitionValue =
    f: value:
    let
      kind = value._type or null;
    in
    if kind == "merge" then
      value // { contents = map (mapDefinitionValue f) value.contents; }
    else if kind == "if" || kind == "override" || kind == "order" then
      value // { content = mapDefinitionValue f value.content; }
    else if kind == "definition" then
      value // { value = mapDefinitionValue f value.value; }
    else
      f value;
}
