# SPDX-License-Identifier: GPL-2.0-or-later
# Names that nixpkgs' lib once had and modules of those years still use. Each says by what it was replaced, where that
# is more than a name.
{ lib }:

let
  renamed = old: new: value: lib.warn "lib.${old} is an old name; use ${new}" value;
in
{
  # Markdown is what descriptions are written in; marking it as such changes nothing.
  mdDoc = lib.id;
  literalDocBook = renamed "literalDocBook" "lib.literalMD" lib.literalMD;
  literalExample = renamed "literalExample" "lib.literalExpression or lib.literalMD" lib.literalExpression;
  mkPackageOptionMD = lib.mkPackageOption;
  mkStrict = lib.mkOverride 0;

  cartesianProductOfSets = renamed "cartesianProductOfSets" "lib.cartesianProduct" lib.cartesianProduct;
  zipWithNames = renamed "zipWithNames" "lib.zipAttrsWithNames" lib.zipAttrsWithNames;
  zip = renamed "zip" "lib.zipAttrs" lib.zipAttrs;
  replaceChars = renamed "replaceChars" "lib.replaceStrings" lib.replaceStrings;
  readPathsFromFile =
    renamed "readPathsFromFile" "a list of paths in the Nix language" (
      root: file: map (name: root + "/${name}") (lib.filter (l: l != "" && !lib.hasPrefix "#" l) (lib.splitString "\n" (builtins.readFile file)))
    );
}
