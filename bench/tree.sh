#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tree.sh FOLDER [PACKAGES]: makes a tree of packages in the manner of large package sets: a file each, half of them found by their
# folders' names, callPackage, overridable results, overlays, aliases. Each package needs up to six before it, so the last needs most.
set -eu
dir=$1 n=${2:-5000}
mkdir -p "$dir/lib" "$dir/by-name" "$dir/dev"
cat >"$dir/lib/default.nix" <<'X'
rec {
  fix = f: let x = f x; in x;
  extends = o: f: self: let super = f self; in super // o self super;
  filterAttrs = pred: set: builtins.removeAttrs set (builtins.filter (n: !pred n set.${n}) (builtins.attrNames set));
  optional = c: e: if c then [ e ] else [ ];
  optionalString = c: s: if c then s else "";
  versionAtLeast = a: b: builtins.compareVersions b a != 1;
  makeOverridable = f: args: let r = f args; in r // { override = more: makeOverridable f (args // more); };
  callPackageWith = scope: file: more: let
    f = if builtins.isFunction file then file else import file;
    wanted = builtins.functionArgs f;
    given = builtins.intersectAttrs wanted scope // more;
    missing = builtins.attrNames (filterAttrs (n: v: !v) (builtins.removeAttrs wanted (builtins.attrNames given)));
  in if missing == [ ] then makeOverridable f given else throw "missing: ${toString missing}";
}
X
cat >"$dir/stdenv.nix" <<'X'
{ lib, system }: rec {
  isLinux = true;
  mkDerivation = attrs@{ pname, version, buildInputs ? [ ], nativeBuildInputs ? [ ], configureFlags ? [ ], meta ? { }, ... }:
    assert builtins.isAttrs meta;
    derivation (builtins.removeAttrs attrs [ "meta" ] // {
      name = "${pname}-${version}";
      inherit system;
      builder = "/bin/sh";
      args = [ "-e" ./builder.sh ];
      buildInputs = map (x: x.dev or x) buildInputs;
      nativeBuildInputs = map (x: x.dev or x) nativeBuildInputs;
      configureFlags = configureFlags ++ [ "--build=${system}" "--host=${system}" ];
    }) // { inherit meta; overrideAttrs = f: mkDerivation (attrs // f attrs); };
}
X
echo 'mkdir "$out"' >"$dir/builder.sh"
cat >"$dir/default.nix" <<'X'
{ system ? "x86_64-linux" }: let
  lib = import ./lib;
  base = self: {
    inherit lib;
    stdenv = import ./stdenv.nix { inherit lib system; };
    callPackage = lib.callPackageWith self;
    fetchurl = { url, hash }: derivation { name = baseNameOf url; inherit url system; builder = "fetch"; outputHash = hash; };
  };
  dev = self: super: import ./all.nix self;
  byName = self: super: builtins.foldl' (a: b: a // b) { } (map (shard: builtins.mapAttrs (name: type:
    self.callPackage (./by-name + "/${shard}/${name}/package.nix") { }) (builtins.readDir (./by-name + "/${shard}")))
    (builtins.attrNames (builtins.readDir ./by-name)));
  aliases = self: super: import ./aliases.nix self;
in lib.fix (builtins.foldl' (f: o: lib.extends o f) base [ dev byName aliases ])
X
awk -v n="$n" -v dir="$dir" '
function place(i) {
  return dir (i % 2 ? "/dev/" : "/by-name/" substr(sprintf("p%05d", i), 5) "/") sprintf("p%05d", i)
}
BEGIN {
  srand(7)
  for (i = 0; i < n; i++) print place(i) | "xargs mkdir -p"
  close("xargs mkdir -p")
  print "self: with self; {" >(dir "/all.nix"); print "self: with self; {" >(dir "/aliases.nix")
  for (i = 0; i < n; i++) {
    name = sprintf("p%05d", i); deps = ""; formals = ""; split("", seen)
    for (k = i ? 1 + int(rand() * 6) : 0; k > 0; k--) {
      lo = i > 900 ? i - 900 : 0; d = sprintf("p%05d", lo + int(rand() * (i - lo)))
      if (d in seen) continue
      seen[d] = 1; deps = deps " " d; formals = formals ", " d
    }
    folder = place(i)
    file = folder (i % 2 ? "/default.nix" : "/package.nix")
    printf "{ lib, stdenv, fetchurl%s, withFoo ? false }:\n\nstdenv.mkDerivation rec {\n  pname = \"%s\";\n  version = \"%d.%d\";\n\n", formals, name, i % 7, i % 11 >file
    print "  src = fetchurl {\n    url = \"mirror://gnu/${pname}/${pname}-${version}.tar.xz\";\n    hash = \"sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\";\n  };\n" >file
    printf "  buildInputs = [%s ] ++ lib.optional (!stdenv.isLinux) fetchurl;\n", deps >file
    print "  configureFlags = [ \"--enable-shared\" (if withFoo then \"--with-foo\" else \"--without-foo\") ]\n    ++ lib.optional (lib.versionAtLeast version \"2.0\") \"--new\";\n" >file
    print "  preConfigure = lib.optionalString stdenv.isLinux \x27\x27\n    substituteInPlace Makefile --replace /usr/bin $out/bin\n  \x27\x27;\n" >file
    printf "  meta = {\n    description = \"Package number %d\";\n    license = [ { free = true; shortName = \"mit\"; } ];\n    platforms = [ \"x86_64-linux\" \"aarch64-linux\" ];\n  };\n}\n", i >file
    close(file)
    if (i % 2) printf "  %s = callPackage ./dev/%s { };\n", name, name >(dir "/all.nix")
    if (i % 4 == 0) printf "  old%05d = %s;\n", i, name >(dir "/aliases.nix")
  }
  print "}" >(dir "/all.nix"); print "}" >(dir "/aliases.nix")
}'
