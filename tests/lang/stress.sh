#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Library code in the shapes that people write (stress/*.nix: fixed points, text, generators, collections, typed tables),
# evaluated by Debian's nix-instantiate and by ours: the same values, whole as JSON and attribute by attribute as text.
# stress.sh NIX_INSTANTIATE
set -u
ours=$(realpath -s "$1")
cd "$(dirname "$0")/stress" || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work NIX_REMOTE=dummy:// NIX_STORE_DIR=/nix/store
unset NIX_PATH NIX_CONFIG
passed=0 failed=0

same() { # WHAT: whether $work/want and $work/got, made by commands that succeeded, are one
  if [ -s "$work/want" ] && cmp -s "$work/want" "$work/got"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $1"
    diff "$work/want" "$work/got" | head -5
    head -c 300 "$work/err"
  fi
}

for f in *.nix; do
  /usr/bin/nix-instantiate --eval --strict --json "$f" 2> /dev/null | jq -S . > "$work/want"
  timeout 60 "$ours" --eval --strict --json "$f" 2> "$work/err" | jq -S . > "$work/got"
  same "$f as JSON"
  for attr in $(jq -r 'keys[]' "$work/want"); do
    /usr/bin/nix-instantiate --eval --strict "$f" -A "$attr" 2> /dev/null > "$work/want"
    timeout 60 "$ours" --eval --strict "$f" -A "$attr" 2> "$work/err" > "$work/got"
    same "$f: $attr"
  done
done
echo "$passed passed, $failed failed"
echo "$passed $failed 0" > "${KERNIX_REPORT:-/dev/null}"
[ "$failed" = 0 ]
