# SPDX-License-Identifier: GPL-2.0-or-later
# Pieces of text with the names of other pieces that must come before them, as activation scripts are made of.
{ lib }:

rec {
  # The texts of the entries named, each once, each after those it depends on.
  textClosureList =
    entries:
    let
      visit =
        acc: name:
        if acc.seen ? ${name} then
          acc
        else
          let
            entry = entries.${name};
            inner = builtins.foldl' visit (acc // { seen = acc.seen // { ${name} = true; }; }) (entry.deps or [ ]);
          in
          inner // { texts = inner.texts ++ [ (entry.text or entry) ]; };
    in
    names:
    (builtins.foldl' visit {
      seen = { };
      texts = [ ];
    } names).texts;

  textClosureMap =
    f: entries: names:
    lib.concatStringsSep "\n" (map f (textClosureList entries names));

  noDepEntry = text: {
    inherit text;
    deps = [ ];
  };
  fullDepEntry = text: deps: { inherit text deps; };
  packEntry = deps: {
    inherit deps;
    text = "";
  };
  stringAfter = deps: text: { inherit text deps; };
}
