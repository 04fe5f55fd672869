#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests of nixpkgs/ under any evaluator that is called as nix-instantiate is: run.sh [EVALUATOR].
#   values/NAME.nix    a function of { pkgs, lib, nixpkgs } to a set of booleans; each must be true
#   errors/NAME.nix    a system configuration that must fail; NAME.exp: texts, a line each, that its message must have
#   left-out/NAME.nix  a system configuration that kernix evaluates and Nix does not; `# says: TEXT`: what a warning has
#   snippets/NAME.nix   must instantiate (`# attr: X` on its first lines: this attribute), as people write them (the wiki page: tests/wiki)
set -u
here=$(cd "$(dirname "$0")" && pwd)
nixpkgs=$(cd "$here/../../nixpkgs" && pwd)
evaluator=${1:-nix-instantiate}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/kernix-nix-test.XXXXXX")
trap 'chmod -R u+w "$tmp"; rm -rf "$tmp"' EXIT
passed=0 failed=0
export HOME=$tmp NIX_PATH=nixpkgs=$nixpkgs NIX_REMOTE="local?root=$tmp/store"
mkdir -p "$tmp/store"

ok() { passed=$((passed + 1)); }
bad() { # NAME FILE-WITH-OUTPUT
  failed=$((failed + 1))
  echo "FAILED: $1"
  sed 's/^/    /' "$2" | grep -v build-users-group | tail -n 15
}

for file in "$here"/values/*.nix; do
  name=values/$(basename "$file" .nix)
  if ! timeout 120 $evaluator --eval --strict --json -E "import $file rec { nixpkgs = $nixpkgs; pkgs = import nixpkgs { system = \"x86_64-linux\"; }; inherit (pkgs) lib; }" >"$tmp/out" 2>"$tmp/err"; then
    bad "$name" "$tmp/err"
    continue
  fi
  while read -r test result; do
    if [ "$result" = true ]; then ok; else
      echo "is $result" >"$tmp/why"
      bad "$name: $test" "$tmp/why"
    fi
  done < <(jq -r 'to_entries[] | .key + " " + (.value | tojson)' "$tmp/out")
done

for file in "$here"/errors/*.nix; do
  name=errors/$(basename "$file" .nix)
  if timeout 120 $evaluator "$nixpkgs/nixos" --arg configuration "$file" -A system >"$tmp/out" 2>"$tmp/err"; then
    echo "no error" >"$tmp/why"
    bad "$name" "$tmp/why"
    continue
  fi
  missing=
  while IFS= read -r text; do
    [ -z "$text" ] || grep -qF -- "$text" "$tmp/err" || missing="$missing [$text]"
  done <"${file%.nix}.exp"
  if [ -z "$missing" ]; then ok; else
    { cat "$tmp/err"; echo "does not have:$missing"; } >"$tmp/why"
    bad "$name" "$tmp/why"
  fi
done

# says FILE NAME: what its comments want has been said.
says() {
  while IFS= read -r text; do
    [ -z "$text" ] || grep -qF -- "$text" "$tmp/err" || { failed=$((failed + 1)); echo "FAILED: $2 does not say: $text"; }
  done < <(sed -n 's/^# says: //p' "$1")
}

for file in "$here"/left-out/*.nix; do
  $evaluator --version | grep -q kernix || break
  name=${file#"$here"/}
  if timeout 120 $evaluator "$nixpkgs/nixos" --arg configuration "$file" -A system >"$tmp/out" 2>"$tmp/err" && grep -q '\.drv' "$tmp/out"; then ok; else bad "$name" "$tmp/err"; fi
  says "$file" "$name"
done

for file in "$here"/snippets/*.nix; do
  name=${file#"$here"/}
  attr=$(sed -n 's/^# attr: //p' "$file")
  if grep -q '^# kind: configuration' "$file"; then
    command=("$nixpkgs/nixos" --arg configuration "$file" -A "${attr:-system}")
  else
    command=("$file" ${attr:+-A "$attr"})
  fi
  # shellcheck disable=SC2086
  if NIXOS_CONFIG=$file timeout 120 $evaluator "${command[@]}" >"$tmp/out" 2>"$tmp/err" && grep -q '\.drv' "$tmp/out"; then ok; else bad "$name" "$tmp/err"; fi
  says "$file" "$name"
done

echo "$passed passed, $failed failed"
[ -z "${KERNIX_REPORT:-}" ] || echo "$passed $failed 0" >"$KERNIX_REPORT"
[ "$failed" = 0 ]
