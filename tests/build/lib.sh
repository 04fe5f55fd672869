# SPDX-License-Identifier: GPL-2.0-or-later
# Helpers of tests/build: a private store, building in it, checks that count.
# shellcheck shell=bash
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export KERNIX_BUILD=${KERNIX_BUILD:-$here/../../build}
driver=$KERNIX_BUILD/tests/build/build-drv
mark=$((100000 + $$)) # builders that stay sleep that long: so this run knows its own processes
passed=0 failed=0 skipped=0
work=$(mktemp -d "${TMPDIR:-/tmp}/build-test.XXXXXX")
chmod 711 "$work" # what is fetched from here is read by the user that builds
export TMPDIR=$work/tmp
mkdir -p "$TMPDIR"
unset NIX_PATH NIX_STORE_DIR NIX_STATE_DIR NIX_CONF_DIR NIX_LOG_DIR
export NIX_CONF_DIR=$work/etc HOME=$work/home
mkdir -p "$NIX_CONF_DIR" "$HOME"
printf "build-users-group =\nsubstitute = false\n" >"$NIX_CONF_DIR/nix.conf"

finish() {
  chmod -R u+w "$work" 2>/dev/null
  rm -rf "$work"
  [ -z "${KERNIX_REPORT:-}" ] || echo "$passed $failed $skipped" >"$KERNIX_REPORT"
  echo "$passed passed, $failed failed, $skipped skipped"
}
trap finish EXIT

ok() { passed=$((passed + 1)); }
bad() {
  failed=$((failed + 1))
  echo "FAILED: $*"
}
skip() {
  skipped=$((skipped + 1))
  echo "skipped: $*"
}
# check WHAT COMMAND...: the command succeeds
check() {
  local what=$1
  shift
  if "$@"; then ok; else bad "$what"; fi
}
# same WHAT EXPECTED GOT
same() {
  if [ "$2" = "$3" ]; then ok; else
    bad "$1"
    diff <(printf '%s\n' "$2") <(printf '%s\n' "$3") | head -n 20
  fi
}
# has WHAT TEXT NEEDLE
has() {
  case $2 in *"$3"*) ok ;; *)
    bad "$1: no '$3' in:"
    printf '%s\n' "$2" | tail -n 12
    ;;
  esac
}

new_store() { # NAME: a new private store becomes the current one
  root=$work/$1
  mkdir -p "$root"
  export NIX_REMOTE="local?root=$root"
}
drv_of() { # ATTR [ARG...]: path of the .drv, which is written to the current store
  local attr=$1
  shift
  nix-instantiate "$here/cases.nix" --argstr mark "$mark" -A "$attr" "$@" 2>/dev/null
}
build() { # ATTR [OPTION...]: output path on stdout, messages in $work/err; status of the driver
  local attr=$1
  shift
  "$driver" "$(drv_of "$attr")" "$@" 2>"$work/err"
}
errors() { cat "$work/err"; }
verify() { # real Nix finds nothing wrong with the current store
  nix-store --verify --check-contents >"$work/verify" 2>&1 && ! grep -vE '^(checking|reading|warning: the group)' "$work/verify"
}
leftovers() { # nothing of a build is left: processes, mounts, folders, locks
  local left
  left=$(
    pgrep -xfa "sleep $mark"
    grep -F "$root" /proc/mounts
    find "$root/nix/store" -maxdepth 1 \( -name '*.chroot' -o -name '*.lock' \) 2>/dev/null
    find "$TMPDIR" -maxdepth 1 -name 'nix-build-*'
  )
  [ -z "$left" ] || { echo "left: $left"; false; }
}
