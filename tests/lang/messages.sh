#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# messages.txt: expressions with the innermost message or the value that Nix's sources and manual say.
# messages.sh NIX_INSTANTIATE: a line is an expression; the next '! MESSAGE' (its first line) or '= VALUE' (--strict), '% ARGS' before it
# for options. In an expression '\x' stands for itself: nothing is unescaped but a trailing '\', which continues the line.
set -u
nix=$(realpath -s "$1")
list=$(realpath "$(dirname "$0")/messages.txt")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$(dirname "$list")/oracle/fixtures" "$work/pwd" && cd "$work/pwd" || exit 1
export HOME=$work NIX_REMOTE="local?root=$work/root" NIX_PATH=''
unset NIX_STATE_DIR
passed=0 failed=0 args=() expr=''

check() { # WANTED STATUS
  local got status
  if [ "$2" = 1 ]; then
    timeout 20 "$nix" --eval --strict "${args[@]}" -E "$expr" >/dev/null 2>"$work/err"
    status=$?
    got=$(sed -n 's/^ *error: //p' "$work/err" | tail -n 1)
  else
    got=$(timeout 20 "$nix" --eval --strict "${args[@]}" -E "$expr" 2>"$work/err")
    status=$?
  fi
  got=${got//"$work/pwd"/\/pwd}
  if [ "$status" = "$2" ] && [ "$got" = "$1" ]; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    printf 'FAILED: %s\n  wanted %s: %s\n  got    %s: %s\n' "$expr" "$2" "$1" "$status" "$got"
  fi
  args=() expr=''
}

while IFS= read -r line; do
  case $line in
  '' | '#'*) [ -z "$expr" ] || expr+=$'\n'$line ;;
  '! '*) check "${line#! }" 1 ;;
  '= '*) check "${line#= }" 0 ;;
  '% '*) read -ra args <<<"${line#% }" ;;
  *) expr+=${expr:+$'\n'}$line ;;
  esac
done <"$list"

echo "$passed passed, $failed failed"
[ -z "${KERNIX_REPORT:-}" ] || echo "$passed $failed 0" >"$KERNIX_REPORT"
[ $failed = 0 ]
