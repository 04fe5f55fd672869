#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's nix-instantiate and ours must give the same .drv path for every derivation of the embedded tree and for the demo system.
set -u
cd "$KERNIX_SRC" || exit 1
work=$(mktemp -d)
real() { NIX_PATH=nixpkgs=$PWD/nixpkgs NIX_REMOTE="local?root=$work/real" /usr/bin/nix-instantiate --option substitute false "$@"; }
ours() { NIX_PATH=nixpkgs=$PWD/nixpkgs NIX_REMOTE="local?root=$work/ours" "$KERNIX_BUILD/bin/nix-instantiate" "$@"; }
passed=0 failed=0

real --eval --strict --json -E 'import ./tests/nix/all-drvs.nix { }' 2>"$work/real.err" | jq -S . >"$work/real.json" || { tail -n 20 "$work/real.err"; exit 1; }
ours --eval --strict --json -E 'import ./tests/nix/all-drvs.nix { }' 2>"$work/ours.err" | jq -S . >"$work/ours.json" || { tail -n 20 "$work/ours.err"; exit 1; }
total=$(jq 'length' "$work/real.json")
[ "${total:-0}" -gt 100 ] || { echo "only ${total:-0} derivations found in the tree: the walk is broken"; tail -n 5 "$work/real.err"; exit 1; }
differing=$(jq -n --slurpfile a "$work/real.json" --slurpfile b "$work/ours.json" \
  '[($a[0] + $b[0] | keys[]) | select($a[0][.] != $b[0][.])] | length')
jq -rn --slurpfile a "$work/real.json" --slurpfile b "$work/ours.json" \
  '($a[0] + $b[0] | keys[]) | select($a[0][.] != $b[0][.]) | "\(.): nix \($a[0][.]) ours \($b[0][.])"' | head -n 20
passed=$((total - differing)) failed=$differing

for config in examples/*/configuration.nix; do
  for attr in system vm config.system.build.kernel config.system.build.initialRamdisk; do
    a=$(NIXOS_CONFIG=$PWD/$config real '<nixpkgs/nixos>' -A "$attr" 2>"$work/err" | tail -n 1)
    b=$(NIXOS_CONFIG=$PWD/$config ours '<nixpkgs/nixos>' -A "$attr" 2>>"$work/err" | tail -n 1)
    if [ -n "$a" ] && [ "$a" = "$b" ]; then passed=$((passed + 1)); else
      failed=$((failed + 1))
      echo "$config $attr: nix '$a' ours '$b'"
      tail -n 5 "$work/err"
    fi
  done
done
# What people write (tests/nix/snippets), as tests/nix/run.sh calls it.
for file in tests/nix/snippets/*.nix; do
  attr=$(sed -n 's/^# attr: //p' "$file")
  if grep -q '^# kind: configuration' "$file"; then
    command=("$PWD/nixpkgs/nixos" --arg configuration "$PWD/$file" -A "${attr:-system}")
  else
    command=("$file" ${attr:+-A "$attr"})
  fi
  a=$(NIXOS_CONFIG=$PWD/$file real "${command[@]}" 2>"$work/err" | sort)
  b=$(NIXOS_CONFIG=$PWD/$file ours "${command[@]}" 2>>"$work/err" | sort)
  if [ -n "$a" ] && [ "$a" = "$b" ]; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    echo "$file: nix '$a' ours '$b'"
    tail -n 5 "$work/err"
  fi
done
rm -rf "$work"
echo "$passed $failed 0" >"${KERNIX_REPORT:-/dev/null}"
echo "drv paths: $passed equal, $failed differ"
[ "$failed" = 0 ]
