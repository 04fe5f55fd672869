# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the tests of the store: our commands and real Nix's, each on stores of their own below $T.
# shellcheck shell=bash disable=SC2034
set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${KERNIX_BUILD:-$root/build}
T=$(mktemp -d "${TMPDIR:-/tmp}/store-test.XXXXXX")
failed=0 passed=0 failures=0
cleanup() {
  [ -z "${KERNIX_REPORT:-}" ] || echo "$passed $failures 0" >"$KERNIX_REPORT"
  chmod -R u+w "$T" 2>/dev/null
  rm -rf "$T"
}
trap cleanup EXIT

command -v nix-store >/dev/null || { echo "SKIP: no nix-bin"; exit 77; }
nix_store=$(command -v nix-store) nix_hash=$(command -v nix-hash) nix_instantiate=$(command -v nix-instantiate)
mkdir -p "$T/conf" "$T/bin"
printf 'build-users-group =\nsubstitute = false\nsandbox = false\n' >"$T/conf/nix.conf"
unset NIX_STORE_DIR NIX_STATE_DIR NIX_LOG_DIR NIX_PATH
export NIX_CONF_DIR="$T/conf" HOME="$T/home"
for name in nix-store nix-hash nix-prefetch-url nix-collect-garbage nix-copy-closure; do ln -sf "$build/kernix" "$T/bin/$name"; done

ours() { NIX_REMOTE="local?root=$1" "$T/bin/nix-store" "${@:2}"; }
nix() { NIX_REMOTE="local?root=$1" "$nix_store" "${@:2}"; }

fail() {
  echo "FAIL: $*"
  failed=1 failures=$((failures + 1))
}
pass() {
  echo "ok: $*"
  passed=$((passed + 1))
}
# same WHAT A B: the two texts are equal
same() {
  if [ "$2" = "$3" ]; then
    pass "$1"
  else
    fail "$1"
    diff <(echo "$2") <(echo "$3") | head -n 20
  fi
}
ok() {
  local what=$1
  shift
  if "$@" >"$T/out" 2>&1; then pass "$what"; else
    fail "$what"
    tail -n 5 "$T/out"
  fi
}
not_ok() {
  local what=$1
  shift
  if "$@" >"$T/out" 2>&1; then fail "$what: success"; else pass "$what"; fi
}
make_tree() { # a tree with one of everything
  mkdir -p "$1/sub/deep"
  : >"$1/empty"
  printf '#!/bin/sh\n' >"$1/run"
  chmod 755 "$1/run"
  seq 1 3000 >"$1/sub/numbers"
  head -c 700000 /dev/zero >"$1/sub/deep/zeros"
  ln -s ../nowhere "$1/link"
  printf 'x' >"$1/Upper-case_file=1.txt"
  printf 'y' >"$1/sub.x"
}
