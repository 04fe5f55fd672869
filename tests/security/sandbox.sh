#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a builder can do to others: to builds that run beside it, to the caller's keys and terminal, to processes of the host
# through sockets, to the machine by never ending (logs, time, processes, files of servers).
set -u
. "$(dirname "$0")/../build/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
bin=$KERNIX_BUILD/bin
uid_first=872415232

# d NAME SCRIPT [ATTRS]: a derivation as an expression; nothing is kept between runs of one store but by name
d() { printf 'derivation ({ name = "%s"; system = builtins.currentSystem; builder = "/bin/sh"; PATH = "/usr/bin:/bin"; args = [ "-c" '"''%s''"' ]; } // { %s })' "$1" "$2" "${3:-}"; }
fixed='outputHashMode = "flat"; outputHashAlgo = "sha256"; outputHash = "434728a410a78f56fc1b5899c3593436e61ab0c731e9072d95e96db290205e53";'
nb() { "$bin/nix-build" --no-out-link -E "$@"; } # EXPR [OPTION...]
start() { "$bin/nix-build" --no-out-link -E "$@" >"$work/bg-out" 2>"$work/bg-err" & } # $! is its process
ended() { kill "$1"; wait "$1" 2>/dev/null; }
quiet() { timeout 60 "$bin/nix-build" --no-out-link -E "$@" >"$work/out" 2>"$work/err"; }
wait_for() { # COMMAND...: until it succeeds, ten seconds at most
  for _ in $(seq 200); do "$@" >/dev/null 2>&1 && return; sleep 0.05; done
  return 1
}
sleepers() { pgrep -xf "sleep $1"; }
two_sleepers() { [ "$(sleepers "$1" | wc -l)" -ge 2 ]; }
ids_of() { for pid in $(sleepers "$1"); do stat -c '%u %g' "/proc/$pid"; done | sort -u; }
one_line() { tr '\n' ' ' <"$1"; }

test_users() {
  local ids pid lock
  [ "$(id -u)" = 0 ] || { skip "users of builds need root"; return; }
  new_store users
  start "[ ($(d a "sleep $mark; echo > \$out")) ($(d b "sleep $mark; echo > \$out")) ]" -j 2
  pid=$!
  check "two builds run" wait_for two_sleepers "$mark"
  ids=$(ids_of "$mark")
  same "two builds have two users and groups" 2 "$(echo "$ids" | wc -l)"
  same "of the range, user and group alike" "" "$(echo "$ids" | awk -v first=$uid_first '$1 != $2 || $1 < first || ($1 - first) % 65536')"
  new_store users-beside
  start "$(d c "sleep 3$mark; echo > \$out")"
  check "a build of another store runs" wait_for sleepers "3$mark"
  same "it has a user of its own" "" "$(ids_of "3$mark" | grep -Fx "$ids")"
  ended $!
  ended $pid
  # Nix's lock.
  lock=$root/nix/var/nix/userpool2
  new_store users
  for n in 0 1 2 3; do exec {fd}>"$root/nix/var/nix/userpool2/slot-$n" && flock -n $fd || bad "slot $n cannot be locked"; done
  start "$(d e "sleep $mark; echo > \$out")"
  check "a build runs" wait_for sleepers "$mark"
  check "slots that are locked are not taken" test "$(ids_of "$mark" | cut -d' ' -f1)" -ge $((uid_first + 4 * 65536))
  ended $!
  for fd in /proc/self/fd/*; do case $(readlink "$fd") in */userpool2/slot-*) eval "exec ${fd##*/}>&-" ;; esac done
  check "there are locks" test -e "$lock/slot-0"
  check "nothing is left" leftovers
}

test_others() {
  new_store others
  start "$(d victim "sleep 2.$mark; echo done > \$out")"
  wait_for sleepers "2.$mark"
  quiet "$(d enemy 'n=0; for p in /proc/[0-9]*; do n=$((n + 1)); done; echo $n processes; kill -9 -1 2>/dev/null; kill -9 1 2>/dev/null; echo > $out')"
  check "a builder sees its own processes" grep -qx "[12] processes" "$work/err"
  wait $!
  same "and ends no others" "done" "$(cat "$root$(cat "$work/bg-out")")"
}

test_keys() {
  new_store keys
  cat >"$work/keys.py" <<'END'
import ctypes, subprocess, sys
libc = ctypes.CDLL(None, use_errno=True)
numbers = {'x86_64': (250, 248), 'aarch64': (219, 217)}[__import__('os').uname().machine]
if libc.syscall(numbers[0], 1, None) < 0 or libc.syscall(numbers[1], b'user', b'kernix-secret', b'x', 1, -3) < 0:
    sys.exit(77)
print('own', 'kernix-secret' in open('/proc/keys').read(), flush=True)
sys.exit(subprocess.call(sys.argv[1:]))
END
  python3 "$work/keys.py" "$bin/nix-build" --no-out-link -E "$(d keys 'cat /proc/keys > $out')" >"$work/out" 2>"$work/err" || { skip "no keys here: $(cat "$work/err")"; return; }
  same "the caller sees its key" "own True" "$(head -n 1 "$work/out")"
  check "a builder does not" test -z "$(grep kernix-secret "$root$(tail -n 1 "$work/out")")"
  quiet "$(d calls 'python3 ${'"$here/builder-calls.py"'} keys; echo > $out')"
  same "it has no calls for keys" "ENOSYS ENOSYS ENOSYS " "$(grep -o 'ENOSYS' "$work/err" | tr '\n' ' ')"
}

# A listener on the host, which would take a descriptor; and a builder that would listen itself.
test_sockets() {
  local name=kernix-$mark pid
  new_store sockets
  python3 -c "
import socket
s = socket.socket(socket.AF_UNIX); s.bind('\0$name'); s.listen(); s.settimeout(20)
try: s.accept(); print('reached')
except TimeoutError: pass" >"$work/listener" &
  pid=$!
  wait_for grep -q "@$name" /proc/net/unix
  quiet "$(d sockets 'python3 ${'"$here/builder-calls.py"'} sockets '"$name"'; echo content > $out' "$fixed")"
  same "sockets of a builder with a network" "connect EAFNOSUPPORT listen EAFNOSUPPORT datagram EAFNOSUPPORT pair ok dgram-pair EPROTONOSUPPORT raw-pair EPROTONOSUPPORT io_uring ENOSYS inet ok " \
    "$(grep -E '^[a-z_-]+ [A-Za-z]+$' "$work/err" | tr '\n' ' ')"
  ended $pid 2>/dev/null
  same "nobody reached the host's listener" "" "$(cat "$work/listener")"
}

test_limits() {
  local log
  new_store limits
  quiet "$(d talks 'yes | head -c 1000000; echo > $out')" --option max-build-log-size 1000
  same "a log that is too long: exit status" 1 $?
  has "says so" "$(errors)" "talks.drv' killed after writing more than 1000 bytes of log output"
  log=$("$bin/nix-store" --read-log "$(echo "$root"/nix/store/*-talks.drv | sed "s,^$root,,")" | wc -c)
  same "so much of it is kept" 1000 "$log"
  NIX_CONFIG='max-build-log-size = 1K' quiet "$(d talks2 'yes | head -c 1024; echo > $out')"
  same "one that just fits" 0 $?
  if [ "$(id -u)" = 0 ]; then
    quiet "$(d forks 'for i in $(seq 100); do sleep 5 & done; wait; echo > $out')" --option max-build-processes 40
    check "processes are limited" grep -qi "cannot fork" "$work/err"
  fi
  check "nothing is left" leftovers
}

test_time() {
  local option
  new_store time
  SECONDS=0
  for option in "--timeout 1" "--max-silent-time 1" "--option timeout 1" "--option max-silent-time 1"; do
    # shellcheck disable=SC2086
    quiet "$(d hash 'truncate -s 4T $out')" $option
    same "reading an output that never ends, $option" 101 $?
  done
  NIX_CONFIG='timeout = 1' quiet "$(d hash 'truncate -s 4T $out')"
  same "nix.conf's timeout" 101 $?
  has "says so" "$(errors)" "timed out after 1 seconds"
  NIX_CONFIG='max-silent-time = 1' quiet "$(d silent 'sleep 30')"
  same "nix.conf's max-silent-time" 101 $?
  "$bin/nix-store" --realise "$("$bin/nix-instantiate" -E "$(d silent 'sleep 30')" 2>/dev/null)" --timeout 1 >/dev/null 2>&1
  same "nix-store --timeout" 101 $?
  quiet "derivation { name = \"slow\"; system = \"builtin\"; builder = \"builtin:fetchurl\"; url = \"http://127.0.0.1:$port/slow\"; $fixed }" --timeout 1
  same "a builtin" 101 $?
  check "in time" test $SECONDS -lt 30
  check "nothing is left" leftovers
}

test_settings() {
  local cores
  new_store settings
  cores='echo cores $NIX_BUILD_CORES; echo > $out'
  NIX_CONFIG='cores = 3' quiet "$(d cores "$cores")"
  check "nix.conf's cores" grep -qx "cores 3" "$work/err"
  NIX_CONFIG='cores = 3' quiet "$(d cores2 "$cores")" --cores 5
  check "a flag counts more" grep -qx "cores 5" "$work/err"
  NIX_CONFIG='max-jobs = 0' quiet "$(d none 'echo > $out')"
  has "nix.conf's max-jobs" "$(errors)" "--max-jobs is 0"
  quiet "[ ($(d bad 'exit 1')) ($(d worse 'exit 2')) ]" --option keep-going true
  same "--option keep-going" 2 "$(grep -c 'failed with exit code' "$work/err")"
  NIX_CONFIG='max-silent-time = x' quiet "$(d none 'echo > $out')"
  has "a value that is none" "$(errors)" "setting 'max-silent-time' has invalid value 'x'"
}

osc=$'\033]52;c;aGFja2Vk\a' title=$'\033]0;title\033\\' c1=$'\xc2\x9b2J'
# What a terminal would obey, in the file; colours are no such thing.
obeyed() { sed 's/\x1b\[[0-9;]*m//g' "$1" | LC_ALL=C grep -c $'[\x01-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]\|\x1b[^[]\|\x1b\\[[0-9;?]*[^0-9;?Km]\|\xc2[\x80-\x9f]'; }
test_terminal() {
  local log drv say expr
  new_store terminal
  printf '%s' "a$osc$title${c1}b" >"$work/said"
  say="cat \${$work/said}; echo; printf 'evil\\rgood\\n'; printf '\\033[31mred\\n'"
  echo "$osc" >"$work/control"
  check "the test sees what is obeyed" test "$(obeyed "$work/control")" -gt 0
  quiet "$(d fails "$say; exit 1")"
  same "live and in the error: nothing that is obeyed" 0 "$(obeyed "$work/err")"
  has "but the text" "$(errors)" "a2Jb"
  drv=$(echo "$root"/nix/store/*-fails.drv | sed "s,^$root,,")
  "$bin/nix-store" --read-log "$drv" >"$work/log"
  check "the log is as it was" cmp -s "$work/log" <(cat "$work/said"; printf '\nevil\rgood\n\033[31mred\n')
  script -qec "$bin/nix-store --read-log $drv" /dev/null </dev/null >"$work/tty"
  same "to a terminal" 0 "$(tr -d '\r' <"$work/tty" >"$work/tty2"; obeyed "$work/tty2")"
  has "with all its lines" "$(tr -d '\r' <"$work/tty")" $'evil\ngood\n\033[31mred\033[0m'
  script -qec "$bin/nix-build --no-out-link -E '$(d again "$say; exit 1" | sed "s/'/'\\\\''/g")'" /dev/null </dev/null >"$work/tty"
  has "nix-build on a terminal" "$(cat "$work/tty")" "failed with exit code 1"
  same "nothing obeyed" 0 "$(tr -d '\r' <"$work/tty" >"$work/tty2"; obeyed "$work/tty2")"
  for expr in "throw \"a${osc}b\"" "builtins.trace \"a${osc}b\" (builtins.addErrorContext \"$title\" (throw \"x\"))" "import (./. + \"/a${osc}b\")" "{ \"a${osc}b\" = 1; }.x"; do
    "$bin/nix-instantiate" --eval -E "$expr" 2>"$work/err"
    same "errors of evaluation" 0 "$(obeyed "$work/err")"
  done
}

test_pipe() {
  new_store pipe
  : >"$work/status"
  { nb "$(d talks 'for i in 1 2 3 4 5 6; do echo $i; sleep 0.1; done; echo > $out')" 2>&1 >"$work/out"; echo $? >"$work/status"; } | head -n 1 >/dev/null
  wait_for test -s "$work/status"
  same "a build goes on without a reader" "0 $(cd "$root" && ls -d nix/store/*-talks)" "$(cat "$work/status") $(sed s,^/,, "$work/out")"
  check "nothing is left" leftovers
}

test_groups() {
  local point=$(awk '/ - cgroup2 / { print $5; exit }' /proc/self/mountinfo) found
  [ -n "$point" ] && mkdir "$point/kernix-try" 2>/dev/null || { skip "no control group can be made here"; return; }
  rmdir "$point/kernix-try"
  new_store groups
  start "$(d group "cat /proc/self/cgroup; sleep $mark; echo > \$out")"
  wait_for sleepers "$mark"
  found=$(find "$point" -name "kernix-$!-*-group.drv")
  check "a build has a control group" grep -qx "$(sleepers "$mark")" "$found/cgroup.procs"
  check "which it sees as the root" grep -qx "0::/" "$work/bg-err"
  [ ! -e "$found/pids.max" ] || same "processes are limited" 16384 "$(cat "$found/pids.max")"
  ended $!
  check "it goes with the build" test ! -e "$found"
  start "$(d group "sleep $mark; echo > \$out")" --option use-cgroups false
  wait_for sleepers "$mark"
  same "use-cgroups = false" "" "$(find "$point" -name "kernix-$!-*")"
  ended $!
}

# There is no build without the sandbox, whatever a derivation or a setting says, and none where the kernel allows no sandbox.
test_always() {
  new_store always
  quiet "$(d free 'echo > $out' '__noChroot = true;')"
  check "__noChroot: fails" test $? != 0
  has "__noChroot: says why" "$(errors)" "builds always are in the sandbox"
  quiet "$(d pid 'echo pid $$; echo > $out')" --option sandbox false
  check "sandbox = false changes nothing" grep -qx "pid 2" "$work/err"
  unshare -Ur true 2>/dev/null || { skip "no user namespaces here"; return; }
  unshare -Ur bash -c 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"' - "$bin/nix-build" --no-out-link -E "$(d none 'echo > $out')" >"$work/out" 2>"$work/err"
  check "without user namespaces: fails" test $? != 0
  has "without user namespaces: says why" "$(cat "$work/err")" "builds need user namespaces"
  check "nothing is left" leftovers
}

left_of_fetch() { find "$TMPDIR" "$root/nix/store" -mindepth 1 -maxdepth 1 ! -name .links; }
endless() { # WHAT WORDS EXPR OPTION VALUE
  timeout 60 "$bin/nix-instantiate" --eval -E "$3" --option "$4" "$5" >/dev/null 2>"$work/err"
  same "$1: exit status" 1 $?
  has "$1: says why" "$(errors)" "$2"
  same "$1: nothing is left" "" "$(left_of_fetch)"
}
test_endless() {
  new_store endless
  mkdir -p "$root/nix/store"
  for what in fetchTarball builtins.fetchurl; do
    endless "$what, size" "is larger than 10485760 bytes (setting max-download-size)" "$what http://127.0.0.1:$port/endless" max-download-size 10M
    endless "$what, time" "timed out after 1 seconds" "$what http://127.0.0.1:$port/slow" timeout 1
    endless "$what, room" "MiB are left on the file system (setting fetch-reserved-space)" "$what http://127.0.0.1:$port/endless" fetch-reserved-space 1000T
  done
  for what in bomb holes; do
    endless "an archive that swells ($what)" "it is larger than 10485760 bytes (setting max-unpacked-size)" "fetchTarball http://127.0.0.1:$port/$what" max-unpacked-size 10M
  done
  NIX_CONFIG='max-download-size = 10M' "$bin/nix-prefetch-url" "http://127.0.0.1:$port/endless" >/dev/null 2>"$work/err"
  has "nix-prefetch-url" "$(errors)" "is larger than 10485760 bytes"
  same "nothing is left" "" "$(left_of_fetch)"
}

python3 "$here/endless.py" >"$work/port" &
server=$!
disown $server # `wait` is for builds
trap 'kill $server 2>/dev/null; finish' EXIT
wait_for test -s "$work/port"
port=$(cat "$work/port")
for t in ${*:-users always others keys sockets limits time settings terminal pipe groups endless}; do test_"$t"; done
[ $failed = 0 ]
