# SPDX-License-Identifier: GPL-2.0-or-later
# Path values and subpaths (relative, normalised strings such as "./a/b") without surprises: no `..`, no string tricks.
{ lib }:

let
  inherit (builtins)
    concatStringsSep
    isPath
    isString
    length
    substring
    ;

  # The file system root above a path, and the names from there on.
  deconstruct =
    path:
    let
      go =
        names: here:
        let
          up = dirOf here;
        in
        if up == here then
          {
            root = here;
            components = names;
          }
        else
          go ([ (baseNameOf here) ] ++ names) up;
    in
    go [ ] path;

  # What is wrong with a subpath: null if nothing is.
  fault =
    s:
    if s == "" then
      "The string is empty"
    else if substring 0 1 s == "/" then
      "The string \"${s}\" starts with a `/`, representing an absolute path"
    else if lib.elem ".." (lib.splitString "/" s) then
      "The string \"${s}\" contains a `..` component, which is not allowed in subpaths"
    else
      null;

  names = s: builtins.filter (n: n != "" && n != ".") (lib.splitString "/" s);
  render = components: "./" + (if components == [ ] then "." else concatStringsSep "/" components);

  wantPath =
    who: nth: value: result:
    if isPath value then
      result
    else
      throw "lib.path.${who}: The ${nth} argument is of type ${builtins.typeOf value}, but a path was expected";

  # f sees the deconstructed paths, which must have one root.
  both =
    who: a: b: f:
    wantPath who "first" a (
      wantPath who "second" b (
        let
          x = deconstruct a;
          y = deconstruct b;
        in
        if x.root != y.root then
          throw "lib.path.${who}: Filesystem roots must be the same for both paths, but paths with different roots were given: ${toString a} and ${toString b}"
        else
          f x.components y.components
      )
    );
in
rec {
  append =
    path: s:
    wantPath "append" "first" path (
      if !subpath.isValid s then
        throw "lib.path.append: Second argument is not a valid subpath string: ${
          if isString s then fault s else "it is a ${builtins.typeOf s}"
        }"
      else
        path + ("/" + s)
    );

  hasPrefix = a: if isPath a then b: both "hasPrefix" a b (x: y: lib.take (length x) y == x) else wantPath "hasPrefix" "first" a null;

  removePrefix =
    a:
    if isPath a then
      b:
      both "removePrefix" a b (
        x: y:
        if lib.take (length x) y == x then
          render (lib.drop (length x) y)
        else
          throw "lib.path.removePrefix: The first path argument \"${toString a}\" is not a component-wise prefix of the second path argument \"${toString b}\""
      )
    else
      wantPath "removePrefix" "first" a null;

  splitRoot =
    path:
    wantPath "splitRoot" "only" path (
      let
        parts = deconstruct path;
      in
      {
        inherit (parts) root;
        subpath = render parts.components;
      }
    );

  # Also true below the store paths themselves, and for the names that lazy evaluation of sources gives.
  hasStorePathPrefix =
    path:
    wantPath "hasStorePathPrefix" "only" path (
      let
        inherit (deconstruct path) components;
        store = lib.splitString "/" (lib.removePrefix "/" builtins.storeDir);
        inside = lib.drop (length store) components;
        name = builtins.head inside;
      in
      lib.take (length store) components == store
      && inside != [ ]
      && builtins.match "[0-9a-z]{32}-.+" name != null
      || (
        components != [ ] && builtins.match "[0-9a-z]{32}-.+" (builtins.head components) != null && store == [ ]
      )
    );

  subpath = {
    isValid = s: isString s && fault s == null;

    normalise =
      s:
      if fault s == null then
        render (names s)
      else
        throw "lib.path.subpath.normalise: Argument is not a valid subpath string: ${fault s}";

    join =
      list:
      render (
        lib.concatLists (
          lib.imap0 (
            i: s:
            if isString s && fault s == null then
              names s
            else
              throw "lib.path.subpath.join: Element at index ${toString i} is not a valid subpath string: ${
                if isString s then fault s else "it is a ${builtins.typeOf s}"
              }"
          ) list
        )
      );

    components =
      s:
      if fault s == null then
        names s
      else
        throw "lib.path.subpath.components: Argument is not a valid subpath string: ${fault s}";
  };
}
