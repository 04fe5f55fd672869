# SPDX-License-Identifier: GPL-2.0-or-later
# Which build root (debian/roots.nix) an environment builds in. setting: config.kernix.buildRoot:
#
#   null or false   none: the host's tools (toolchain.nix)
#   true            the newest that is meant for this machine; gcc12Stdenv, clangStdenv, cross and Rust choose others
#   "NAME"          the set debian/roots/NAME.json in its place
#   a derivation    that root (debian/roots.nix: make { name, set })
#
# A root says by the list `wanted` of its set which compilers it has. null is given where no root has what is wanted.
{ lib, system, setting }:
let
  roots = import ../debian/roots.nix;
  arch = { x86_64-linux = "amd64"; aarch64-linux = "arm64"; }.${system} or null;
  default = "debian-13-${toString arch}";
  named = name: roots.${name} or (throw "config.kernix.buildRoot: there is no set nixpkgs/debian/roots/${name}.json; there are: ${toString (builtins.attrNames (removeAttrs roots [ "make" ]))}");
  maybe = name: roots.${name} or null;

  isOn = setting != null && setting != false && (setting != true || roots ? ${default});
  base =
    if !isOn then null
    else if setting == true then roots.${default}
    else if builtins.isString setting then named setting
    else setting;
  baseName = lib.removeSuffix "-root" base.name;

  setOf = root: builtins.fromJSON (builtins.readFile root.set);
  # The versions N of the packages PREFIX-N that a root was made for.
  versions = prefix: root:
    map builtins.head (builtins.filter (found: found != null) (map (builtins.match "${prefix}-([0-9]+)") (setOf root).wanted));
  withVersion = prefix: root: let found = versions prefix root; in if found == [ ] then null else { inherit root; version = lib.last found; };
  # Roots of this machine without anything special, the default first.
  plain = [ base ] ++ map named (builtins.filter (name: name != baseName && builtins.match "debian-[0-9]+-${toString arch}" name != null) (builtins.attrNames roots));
  basePackages = builtins.listToAttrs (map (package: { inherit (package) name; value = null; }) (setOf base).packages);
in
{
  inherit base isOn;
  # Has the default root this package of Debian?
  has = package: basePackages ? ${package};
  # wanted: a version or null. { root, version } of the one that has it, else of the nearest newer or the newest.
  gcc = wanted:
    let
      all = builtins.filter (found: found != null) (map (withVersion "gcc") (if wanted == null then [ base ] else plain));
      exact = builtins.filter (found: found.version == wanted) all;
      newer = builtins.filter (found: builtins.compareVersions found.version wanted > 0) all;
      chosen = if wanted == null || all == [ ] then all else if exact != [ ] then exact else if newer != [ ] then newer else all;
      first = builtins.head chosen;
    in
    if chosen == [ ] then throw "the build root '${baseName}' has no gcc"
    else if wanted == null || first.version == wanted then first
    else lib.warn "gcc ${wanted} is in no build root; using gcc ${first.version} in its place" first;
  clang = wanted:
    let root = maybe "${baseName}-clang"; found = if root == null then null else withVersion "clang" root;
    in if found == null || wanted == null || found.version == wanted then found
    else lib.warn "clang ${wanted} is in no build root; using clang ${found.version} in its place" found;
  # debArch: arm64, armhf, riscv64.
  cross = debArch:
    let root = maybe "${baseName}-cross-${debArch}"; in if root == null then null else withVersion "gcc" root;
  rust = maybe "${baseName}-rust";
}
