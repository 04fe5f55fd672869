#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SIGINT, SIGTERM and SIGHUP during a build, also one that evaluation needs (import from derivation): an error as Nix's, exit status 1, and
# no build folder, no process, no lock and no temporary folder is left. What was told to ignore a signal (nohup) ignores it.
set -u
bin=$KERNIX_BUILD/bin
work=$(mktemp -d "${TMPDIR:-/tmp}/interrupt.XXXXXX")
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work" || exit 1
mkdir tmp && chmod 1777 tmp
export HOME=$work NIX_PATH='' NIX_REMOTE="local?root=$work/root" TMPDIR=$work/tmp
passed=0 failed=0 seconds=$((4700 + RANDOM % 1000))

cat >top.nix <<END
derivation { name = "interrupted"; system = builtins.currentSystem; builder = "/bin/sh"; PATH = "/bin:/usr/bin";
  args = [ "-c" "echo begun; sleep $seconds & sleep $seconds; echo 1 >\$out" ]; }
END
echo "import ($(cat top.nix))" >ifd.nix
echo "builtins.tryEval (builtins.readFile ($(cat top.nix)))" >caught.nix

begun() { # waits until the builder of the job runs
  for _ in $(seq 100); do
    [ "$(pgrep -cf "^sleep $seconds")" = 2 ] && return 0
    sleep 0.1
  done
  return 1
}
check() { # NAME STATUS-WANTED STATUS TEXT-WANTED
  local left
  for _ in $(seq 20); do
    left=$(pgrep -af "^sleep $seconds"; ls -d tmp/* root/nix/store/*.chroot root/nix/store/*.lock root/nix/var/nix/temproots/* 2>/dev/null)
    [ -n "$left" ] || break
    sleep 0.1
  done
  if [ "$2" = "$3" ] && grep -q "$4" out && [ -z "$left" ]; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    echo "FAIL: $1: status $3, want $2; left: $left; said: $(tail -n 1 out)"
    pkill -KILL -f "^sleep $seconds"
    rm -rf tmp/* root/nix/store/*.chroot
  fi
}
for signal in INT TERM HUP; do
  for what in top ifd caught; do
    command=$bin/nix-build
    [ $what != caught ] || command="$bin/nix-instantiate --eval --strict --read-write-mode"
    # shellcheck disable=SC2086
    env --default-signal=$signal $command $([ $what = caught ] || echo --no-out-link) $what.nix >out 2>&1 &
    begun && kill -$signal $!
    wait $!
    check "SIG$signal during $what" 1 $? 'error: interrupted by the user'
  done
done
cat >ignored.nix <<END
import (derivation { name = "ignored"; system = builtins.currentSystem; builder = "/bin/sh"; PATH = "/bin:/usr/bin";
  args = [ "-c" "sleep $seconds & sleep $seconds & sleep 3; echo 1 >\$out" ]; })
END
env --ignore-signal=HUP "$bin/nix-instantiate" --eval --strict --read-write-mode ignored.nix >out 2>&1 &
begun && kill -HUP $!
wait $!
check 'an ignored signal' 0 $? '^1$'
[ -z "${KERNIX_REPORT:-}" ] || echo "$passed $failed 0" >"$KERNIX_REPORT"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
