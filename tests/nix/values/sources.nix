# SPDX-License-Identifier: GPL-2.0-or-later
# Local sources: what filters are asked about, and what is left of a tree.
{ pkgs, lib, nixpkgs }:
let
  linux = nixpkgs + "/linux";
  taken = filter: builtins.path { name = "x"; path = linux; inherit filter; };
  text = builtins.unsafeDiscardStringContext;
  hello = text (taken (path: _: builtins.elem (baseNameOf path) [ "modules" "hello" "hello.c" ]));
in
{
  pathsAreWhole = text (taken (path: type: type == "directory" && lib.hasPrefix (toString linux + "/modules") path || path == toString (linux + "/modules/hello/hello.c"))) == hello;
  pathsAreStrings = text (taken (path: _: if builtins.isString path && lib.hasPrefix (toString linux + "/") path then builtins.match ".*//.*" path != null else throw path))
    == text (taken (_: _: false));
  filterSource = text (builtins.filterSource (path: _: path == toString (linux + "/source.nix")) linux) == text (builtins.filterSource (path: _: baseNameOf path == "source.nix") linux);
  cleanSourceWith = text "${lib.cleanSourceWith { name = "x"; src = linux; filter = path: _: lib.removePrefix (toString linux + "/") path == "source.nix"; }}" == text (taken (path: _: baseNameOf path == "source.nix"));
  fileset = text "${lib.fileset.toSource { root = linux; fileset = lib.fileset.unions [ (linux + "/source.nix") (linux + "/build.nix") ]; }}"
    == text (builtins.path { name = "source"; path = linux; filter = path: _: builtins.elem (baseNameOf path) [ "source.nix" "build.nix" ]; });
}
