#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# CPU time and peak memory of evaluation against Debian's nix-instantiate, in pairs in one run; prints the table that README quotes.
# run.sh BUILD [PAIRS [NIX-INSTANTIATE]]: NIX-INSTANTIATE is the other side, /usr/bin/nix-instantiate by default
set -eu
cd "$(dirname "$0")/.."
build=$(realpath "$1")
pairs=${2:-7}
nix=${3:-/usr/bin/nix-instantiate}
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
measure=$build/measure
export NIX_PATH=nixpkgs=$PWD/nixpkgs NIXOS_CONFIG=$PWD/examples/demo/configuration.nix HOME=$work

cat >"$work/fib.nix" <<'X'
let fib = n: if n < 2 then n else fib (n - 1) + fib (n - 2); in fib 31
X
cat >"$work/sort.nix" <<'X'
let
  step = x: (x * 1103515245 + 12345) - ((x * 1103515245 + 12345) / 2147483648) * 2147483648;
  list = builtins.genList (i: step (i * 7919 + 13)) 1000000;
in builtins.elemAt (builtins.sort builtins.lessThan list) 500000
X
cat >"$work/sortl.nix" <<'X'
let
  step = x: (x * 1103515245 + 12345) - ((x * 1103515245 + 12345) / 2147483648) * 2147483648;
  list = builtins.genList (i: step (i * 7919 + 13)) 1000000;
in builtins.elemAt (builtins.sort (a: b: a < b) list) 500000
X
cat >"$work/update.nix" <<'X'
builtins.length (builtins.attrNames (builtins.foldl' (acc: i: acc // { "key${toString i}" = i; }) { } (builtins.genList (i: i) 3000)))
X
echo '1+1' >"$work/start.nix"

median() { sort -g | awk '{v[NR]=$1} END {print v[int((NR+1)/2)]}'; }
row() { # NAME LIMIT ARGS...
  local name=$1 limit=$2 i
  shift 2
  : >"$work/a"; : >"$work/b"
  for ((i = 0; i < pairs; i++)); do
    NIX_REMOTE="local?root=$work/real" "$measure" "$nix" "$@" >>"$work/a" || { echo "$name: nix fails"; return; }
    NIX_REMOTE="local?root=$work/ours" "$measure" "$build/bin/nix-instantiate" "$@" >>"$work/b" || { echo "$name: kernix fails"; return; }
  done
  local ta tb ma mb
  ta=$(cut -d' ' -f1 "$work/a" | median) tb=$(cut -d' ' -f1 "$work/b" | median)
  ma=$(cut -d' ' -f2 "$work/a" | median) mb=$(cut -d' ' -f2 "$work/b" | median)
  awk -v n="$name" -v l="$limit" -v ta="$ta" -v tb="$tb" -v ma="$ma" -v mb="$mb" \
    'BEGIN { printf "| %-34s | %8.3f | %8.3f | %5.2f | %4s | %7.1f | %7.1f |\n", n, ta, tb, tb/ta, l, ma/1024, mb/1024 }'
}

echo "| evaluation (median of $pairs pairs)        | Nix s    | kernix s | ratio | want | Nix MB  | kernix MB |"
echo "|------------------------------------|----------|----------|-------|------|---------|---------|"
row "demo system, toplevel.drvPath" 0.35 --eval '<nixpkgs/nixos>' -A config.system.build.toplevel.drvPath
bench/tree.sh "$work/tree" 5000
row "a package of a tree of 5,000 files" 0.35 --eval "$work/tree" -A p04999.drvPath
row "recursion: fib 31" 0.4 --eval "$work/fib.nix"
row "sort, a million ints, lessThan" 0.4 --eval "$work/sort.nix"
row "sort, a million ints, a: b: a < b" 0.4 --eval "$work/sortl.nix"
row "3,000 updates of a growing set" 0.3 --eval "$work/update.nix"
row "start-up: 1+1" 0.3 --eval "$work/start.nix"
