#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A store with many kernels: CPU time of evaluation, questions, garbage collection and builds of what is there, for a quarter of
# them and for all, so that what grows faster than linearly shows; against another Nix in the same run where one is named.
# store.sh BUILD [KERNELS [NIX-FOLDER]]: a folder with nix-instantiate, nix-store, nix-build (default: /usr/bin; 'none'). Fails where
# four times as much takes more than six times as long, or where nix-build of the demo's system, of which nothing is to be built, takes 0.1 s.
set -eu
build=$(realpath "$1") all=${2:-2000} nix=${3:-/usr/bin}
work=$(mktemp -d "${TMPDIR:-/tmp}/bench-store.XXXXXX")
cd "$(dirname "$0")"
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
export NIX_CONF_DIR=$work/etc HOME=$work/home
mkdir -p "$NIX_CONF_DIR" "$HOME" "$work/one"
printf 'build-users-group =\nsubstitute = false\nsubstituters =\nsandbox = false\n' >"$NIX_CONF_DIR/nix.conf"
echo stand-in >"$work/one/file"
nar=$("$build/bin/nix-store" --dump "$work/one" | sha256sum | cut -d' ' -f1) size=$("$build/bin/nix-store" --dump "$work/one" | wc -c)

store() { echo "$work/$1-$2"; }
on() { # SIDE N COMMAND...
  local side=$1 n=$2
  shift 2
  NIX_REMOTE="local?root=$(store "$side" "$n")" "$@"
}
bin() { if [ "$1" = kernix ]; then echo "$build/bin"; else echo "$nix"; fi; }
declare -A cpu
measure() { # ROW SIDE N PROGRAM ARGS...
  local row=$1 side=$2 n=$3 program=$4
  shift 4
  cpu[$row,$side,$n]=$(on "$side" "$n" "$build/measure" "$(bin "$side")/$program" "$@" | cut -d' ' -f1)
}

# Outputs: one folder of one file each; the two sides have the same.
fill() { # SIDE N
  local root
  root=$(store "$1" "$2")
  [ -f "$work/paths-$2" ] || NIX_REMOTE="local?root=$root" "$build/bin/nix-instantiate" --eval --strict --json store.nix --arg n "$2" -A paths |
    jq -r --arg nar "$nar" --arg size "$size" '.[] | ([.path, $nar, $size, .deriver, (.refs | length)] + .refs) | .[]' >"$work/paths-$2"
  grep -B 1 -x "$nar" "$work/paths-$2" | grep '^/nix/store' | sed "s|^|$root|" >"$work/folders"
  xargs -d '\n' mkdir -p <"$work/folders"
  # shellcheck disable=SC2016 # the inner shell's
  xargs -d '\n' sh -c 'for folder; do echo stand-in >"$folder/file"; done' sh <"$work/folders"
  on "$1" "$2" "$(bin "$1")/nix-store" --load-db <"$work/paths-$2"
}

rows=("evaluation, all derivations are written" "evaluation, all are there" "-q --requisites of one system" "-q --referrers-closure of a tool"
  "-q --deriver, --references of one" "nix-build of one system, all is there" "nix-build of all systems, all is there" "gc --print-dead" "gc of all but one system")
side_rows() { # SIDE N
  local s=$1 n=$2 one tool
  measure 0 "$s" "$n" nix-instantiate store.nix --arg n "$n" -A systems
  measure 1 "$s" "$n" nix-instantiate store.nix --arg n "$n" -A systems
  fill "$s" "$n"
  one=$(on "$s" "$n" "$(bin "$s")/nix-build" --no-out-link store.nix --arg n 1 -A one) tool=$(on "$s" "$n" "$(bin "$s")/nix-build" --no-out-link store.nix --arg n 1 -A tool)
  measure 2 "$s" "$n" nix-store -q --requisites "$one"
  measure 3 "$s" "$n" nix-store -q --referrers-closure "$tool"
  measure 4 "$s" "$n" nix-store -q --references "$one"
  measure 5 "$s" "$n" nix-build --no-out-link store.nix --arg n 1 -A one
  measure 6 "$s" "$n" nix-build --no-out-link store.nix --arg n "$n" -A systems
  on "$s" "$n" "$(bin "$s")/nix-build" -o "$work/root-$s-$n" store.nix --arg n 1 -A one >"$work/said"
  measure 7 "$s" "$n" nix-store --gc --print-dead
  measure 8 "$s" "$n" nix-store --gc
}

few=$((all / 4)) sides=(kernix)
[ "$nix" = none ] || sides+=(nix)
for n in "$few" "$all"; do
  for s in "${sides[@]}"; do
    side_rows "$s" "$n"
    chmod -R u+w "$(store "$s" "$n")" && rm -rf "$(store "$s" "$n")"
  done
done
echo "| store of N kernels, CPU s ($(wc -l <"$work/folders") paths beside the derivations at $all) | N=$few | N=$all | growth | Nix N=$all | ratio |"
echo "|---|---|---|---|---|---|"
slow=0
for i in "${!rows[@]}"; do
  awk -v name="${rows[i]}" -v a="${cpu[$i,kernix,$few]}" -v b="${cpu[$i,kernix,$all]}" -v c="${cpu[$i,nix,$all]:-0}" \
    'BEGIN { printf "| %-42s | %8.3f | %8.3f | %5.2f | %8.3f | %5.2f |\n", name, a, b, (a > 0 ? b / a : 0), c, (c > 0 ? b / c : 0); exit b > 0.1 && b > 6 * a }' || slow=1
done

# The demo's system with all its outputs registered: what a person waits for who builds it again.
export NIXOS_CONFIG=$PWD/../examples/demo/configuration.nix NIX_PATH=nixpkgs=$PWD/../nixpkgs NIX_REMOTE="local?root=$work/demo"
system=$("$build/bin/nix-instantiate" '<nixpkgs/nixos>' -A system 2>"$work/said")
for drv in $("$build/bin/nix-store" -q --requisites "$system" | grep '\.drv$'); do
  for out in $("$build/bin/nix-store" -q --outputs "$drv"); do
    mkdir -p "$work/demo$out"
    printf '%s\n' "$out" "$nar" "$size" "$drv" 0
  done
done >"$work/demo-paths"
"$build/bin/nix-store" --load-db <"$work/demo-paths"
again=$(for _ in 1 2 3 4 5; do "$build/measure" "$build/bin/nix-build" '<nixpkgs/nixos>' -A system -o "$work/result"; done | sort -g | sed -n '3s/ .*//p')
[ -L "$work/result" ] || { cat "$work/said"; slow=1; }
echo "nix-build of the demo's system, unchanged: $again s of CPU time"
awk -v t="$again" 'BEGIN { exit t >= 0.1 }' || slow=1
exit $slow
