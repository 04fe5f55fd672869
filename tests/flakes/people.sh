#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Flakes as people keep them (people/: one file, many machines, secrets, disko, overlays, flake-utils, flake-parts, sub-flakes, ...),
# their inputs from repositories on this machine. Each is locked and every derivation of it evaluated: with nixpkgs as it is written
# (the package set stands for it, evaluation is pure) and with nixpkgs as a folder. Where KERNIX_NEW_NIX names a Nix of today
# ('nix' with --store and features already given), lock files must be the same to the byte and derivations the same.
set -u
work=$(mktemp -d /dev/shm/kernix-flakes.XXXXXX 2>/dev/null || mktemp -d "${TMPDIR:-/tmp}/flakes.XXXXXX") # in memory: much is synced
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
. "$(dirname "$0")/lib.sh"
nix=${KERNIX_NEW_NIX:-}
only=${1:-}

# What is compared: the .drv of every system, package and shell.
drvs='f: let
  of = what: set: builtins.mapAttrs (_: what) set;
  packages = of (p: p.drvPath);
  here = name: packages ((f.${name} or { }).x86_64-linux or { });
in {
  systems = of (s: s.config.system.build.toplevel.drvPath) (f.nixosConfigurations or { });
  packages = here "packages";
  shells = here "devShells";
  old = [ (f.defaultPackage.x86_64-linux.drvPath or null) (f.devShell.x86_64-linux.drvPath or null) ];
  modules = builtins.attrNames (f.nixosModules or { });
}'
cases() { # FOLDER [NIXPKGS]: copies of all flakes as repositories
  local dir
  cp -r "$flakes/people" "$1"
  rewrite "$1" "${2:-}"
  for dir in "$1"/*; do commit "$dir"; done
}
evaluate() { # FLAKE OPTION...: of the package set's own
  local flake=$1
  shift
  "$bin/nix" eval "$@" --json "$flake#." --apply "$drvs"
}

package_set
set_url="path:$work/set?dir=nixpkgs"
inputs
registry "$work/home/.config/nix/registry.json"
cases "$work/written"
# nixpkgs as it is written: never fetched, so nothing here needs a network.
for dir in "$work"/written/*$only*; do
  name=${dir##*/}
  if evaluate "git+file://$dir" >"$work/$name.json" 2>"$work/err"; then ok; else bad "$name: pure evaluation" "$(cat "$work/err")"; fi
  grep -q '"systems":{"' "$work/$name.json" || [ "$name" = 06-each-system ] || [ "$name" = 13-nixos-modules-only ] || bad "$name: it has systems" "$(cat "$work/$name.json")"
done

inputs "$set_url"
registry "$work/home/.config/nix/registry.json" "$work/set"
registry "$work/registry.json" "$work/set"
cases "$work/folder" "$set_url"
for dir in "$work"/folder/*$only*; do
  name=${dir##*/}
  ref="git+file://$dir"
  if (cd "$dir" && "$bin/nix" flake lock) >"$work/err" 2>&1; then ok; else bad "$name: locking" "$(cat "$work/err")"; fi
  git -C "$dir" add -A && git -C "$dir" commit -q -m lock >/dev/null 2>&1
  if evaluate "$ref" --impure >"$work/out" 2>"$work/err"; then ok; else bad "$name: evaluation" "$(cat "$work/err")"; fi
  # What a flake says of its own source is another there.
  [ "$name" = 12-self-rev ] || is "$name: the same with the package set in nixpkgs' place" "$(cat "$work/$name.json")" "$(cat "$work/out")"
  [ -n "$nix" ] || continue
  cp -r "$dir" "$work/theirs" && rm -rf "$work/theirs/.git" "$work/theirs/flake.lock" && commit "$work/theirs"
  (cd "$work/theirs" && $nix flake lock --flake-registry "$work/registry.json") >"$work/err" 2>&1
  if [ -e "$dir/flake.lock" ] || [ -e "$work/theirs/flake.lock" ]; then
    if cmp -s "$work/theirs/flake.lock" "$dir/flake.lock"; then ok; else bad "$name: the lock file is Nix's" "$(cat "$work/err"; diff "$work/theirs/flake.lock" "$dir/flake.lock")" 30; fi
  fi
  rm -rf "$work/theirs"
  $nix eval --impure --json --expr "($drvs) (builtins.getFlake \"$ref\").outputs" >"$work/nix" 2>"$work/err" || cat "$work/err"
  is "$name: the derivations are Nix's" "$(cat "$work/nix")" "$(cat "$work/out")"
done
finish
