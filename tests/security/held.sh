#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Somebody outside holds what a builder makes: a descriptor that was passed through an abstract socket, or one that the test opened
# itself below /proc/PID/root, which no sandbox forbids root. What is registered must stay as it is, and nothing but the output may change.
set -u
. "$(dirname "$0")/../build/lib.sh"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
holder=$KERNIX_BUILD/tests/security/holder
instantiate=$KERNIX_BUILD/bin/nix-instantiate
victim=$work/victim

drv_of() { "$instantiate" "$here/held.nix" -A "$1" --argstr mark "$mark" --argstr holder "$holder" --argstr victim "$victim" 2>/dev/null; }
wait_for() { # FILE TEXT
  for _ in $(seq 200); do
    grep -q "$2" "$1" 2>/dev/null && return
    sleep 0.05
  done
  bad "no '$2' in $1"
}
# start ATTR: a build whose builder waits; sets builder (a process of it), out, and job
start() {
  local drv
  drv=$(drv_of "$1")
  out=$(sed -n 's/^Derive(\[("out","\([^"]*\)".*/\1/p' "$root$drv")
  "$driver" "$drv" >/dev/null 2>"$work/err" &
  job=$!
  for _ in $(seq 200); do
    builder=$(pgrep -xf "sleep $mark") && return
    sleep 0.05
  done
  bad "$1: the builder does not run"
}
go_on() { touch "/proc/$builder/root/build/go"; }
contents() { "$KERNIX_BUILD/bin/nix-store" --verify-path "$out" 2>&1; }

test_socket() {
  local receiver
  new_store socket
  "$holder" receive "kernix-$mark" "$work/go-socket" "evil" >"$work/receive" 2>&1 &
  receiver=$!
  wait_for "$work/receive" listening
  out=$(build socket)
  same "the output is registered" content "$(cat "$root$out")"
  touch "$work/go-socket"
  grep -q received "$work/receive" || kill $receiver # the sandbox did not let it be passed at all
  wait $receiver 2>/dev/null
  same "through a socket: it stays as it is" content "$(cat "$root$out")"
  same "through a socket: it verifies" "" "$(contents)"
}

test_file() {
  new_store file
  start file
  exec 9<>"/proc/$builder/root$out"
  go_on
  wait $job
  same "the build ends well" 0 $?
  printf evil >&9
  exec 9>&-
  same "a held file: it stays as it is" content "$(cat "$root$out")"
  same "a held file: it verifies" "" "$(contents)"
}

test_folder() {
  new_store folder
  start folder
  # Our own working folder is the held one.
  pushd "/proc/$builder/root$out/sub" >/dev/null || bad "the folder cannot be entered"
  exec 9<>file
  go_on
  wait $job
  same "the build ends well" 0 $?
  echo evil 2>/dev/null >added
  printf evil >&9
  exec 9>&-
  popd >/dev/null || exit 1
  same "a held folder: nothing is added" file "$(ls "$root$out/sub")"
  same "a held folder: it verifies" "" "$(contents)"
  check "nothing is left" leftovers
}

# A build directory that its builder opens to all is no way in: a socket in it would hand out descriptors as well.
test_open() {
  local seen
  [ "$(id -u)" = 0 ] || { skip "becoming another user needs root"; return; }
  new_store open
  chmod 711 "$work" && chmod 1777 "$TMPDIR"
  start open
  seen=$(setpriv --reuid 65534 --regid 65534 --clear-groups find "$TMPDIR" -mindepth 2 2>/dev/null)
  same "nobody else sees into it" "" "$seen"
  check "nor by its name" test "$(setpriv --reuid 65534 --regid 65534 --clear-groups ls "$TMPDIR"/nix-build-*/ 2>&1 | grep -c denied)" = 1
  go_on
  wait $job
  same "the build ends well" 0 $?
}

# The victim's folder is a link's target; entries are exchanged for that link while the output is examined and removed.
test_swapped() {
  local attr
  for attr in swapped swapped-fixed; do
    new_store $attr
    rm -rf "$victim" "$work/stop"
    mkdir -m 700 "$victim"
    echo secret >"$victim/secret"
    chmod 600 "$victim/secret"
    start $attr
    "$holder" swap "/proc/$builder/root$out" 200 "$work/stop" >"$work/swaps" 2>&1 &
    wait_for "$work/swaps" swapping
    go_on
    wait $job
    touch "$work/stop"
    wait $! 2>/dev/null
    wait_for "$work/swaps" "[1-9][0-9]* swaps"
    same "$attr: nothing else is touched" "700 600 secret" "$(stat -c %a "$victim" "$victim/secret" | xargs) $(cat "$victim/secret")"
  done
}

test_socket
test_file
test_folder
test_open
test_swapped
[ "$failed" = 0 ]
