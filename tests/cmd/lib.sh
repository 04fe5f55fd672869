# SPDX-License-Identifier: GPL-2.0-or-later
# Counting for shell tests: ok NAME, bad NAME FILE; expect_fail NAME 'TEXT|TEXT...' COMMAND...: must fail and say each text; finish.
passed=0 failed=0
work=$(mktemp -d "${TMPDIR:-/tmp}/kernix-cmd.XXXXXX")
trap 'chmod -R u+w "$work" 2>/dev/null; rm -rf "$work"' EXIT
bin=$KERNIX_BUILD/bin

ok() {
  passed=$((passed + 1))
  echo "ok: $1"
}
bad() { # NAME [FILE]
  failed=$((failed + 1))
  echo "FAILED: $1"
  [ -z "${2:-}" ] || sed 's/^/    /' "$2" | tail -n 25
}
check() { # NAME COMMAND...: must succeed
  local name=$1
  shift
  if "$@" >"$work/out" 2>&1; then ok "$name"; else bad "$name" "$work/out"; fi
}
expect_fail() {
  local name=$1 texts=$2 text missing=
  shift 2
  if "$@" >"$work/out" 2>&1; then
    bad "$name: it did not fail" "$work/out"
    return
  fi
  local IFS='|'
  for text in $texts; do
    grep -qF -- "$text" "$work/out" || missing="$missing [$text]"
  done
  if [ -z "$missing" ]; then ok "$name"; else
    echo "does not say:$missing" >>"$work/out"
    bad "$name" "$work/out"
  fi
}
finish() {
  echo "$passed $failed 0" >"${KERNIX_REPORT:-/dev/null}"
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ]
}
