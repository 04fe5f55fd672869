#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# System calls that fail on purpose (strace injects the error), and damaged databases: an error is never an answer. Afterwards a command
# has failed or done what it says, everything alive is there with its row and contents, and the store verifies. First the cases that lost
# something once, each by itself; then a sweep over the calls of each command (FAULTS_EACH: how many places of each call, FAULTS_CALLS: which).
[ -w /dev/shm ] && export TMPDIR=/dev/shm # hundreds of stores are copied
. "$(dirname "$0")/lib.sh"
command -v strace >/dev/null && strace -f -qq -o /dev/null true 2>/dev/null || { echo "SKIP: no strace that may trace"; exit 77; }
[ "$(id -u)" = 0 ] || { echo "SKIP: needs root (a pid namespace of its own)"; exit 77; }
chmod 755 "$T"
for name in nix-env nix-build nix-instantiate; do ln -sf "$build/kernix" "$T/bin/$name"; done
PATH=$T/bin:$PATH
W=$T/w S=$T/w/root D=$T/w/root/nix/var/nix
mkdir -p "$W"
export NIX_REMOTE="local?root=$S"

# A root with what it needs, a profile of three generations, something dead, and a leftover.
cat >"$T/deep.nix" <<'NIX'
derivation { name = "deep"; system = builtins.currentSystem; builder = "/bin/sh";
  args = [ (builtins.toFile "one" "builds ${builtins.toFile "two" "with two"}") ]; }
NIX
mkdir "$T/tree" && make_tree "$T/tree"
for n in 1 2 3; do echo "generation $n" >"$T/gen$n"; done
echo dead >"$T/dead"
echo add >"$T/added"
deep=$(nix-instantiate "$T/deep.nix" --add-root "$W/result" --indirect) && deep=$(readlink "$W/result")
gens=()
for n in 1 2 3; do
  gens+=("$(nix-store --add "$T/gen$n")")
  nix-env -p "$D/profiles/test" --set "${gens[-1]}" || fail "setting up"
done
tree=$(nix-store --add "$T/tree")
ln -s "$tree" "$D/gcroots/tree"
dead=$(nix-store --add "$T/dead")
closure=$(nix-store -qR "$deep")
echo leftover >"$S/nix/store/$(basename "$dead" | tr a-m n-z | cut -c1-32)-leftover"
cp -a "$W" "$T/before"
alive="$closure ${gens[*]} $tree"
# The same with one root only.
rm -rf "$W/root/nix/var/nix/profiles/"test* "$D/gcroots/tree"
cp -a "$W" "$T/one"
rm -rf "$W"
cp -a "$T/before" "$W"
ok "the store verifies" nix-store --verify --check-contents

fresh() { # [TEMPLATE]: the store as it was
  rm -rf "$W"
  cp -a "${1:-$T/before}" "$W"
}
traced() { # STRACE-OPTIONS... -- COMMAND...: in a pid namespace, so that /proc has little to look at
  local opts=()
  while [ "$1" != -- ]; do opts+=("$1") && shift; done
  shift
  timeout 20 unshare -pf --mount-proc strace -f -qq -e signal=none "${opts[@]}" "$@" 2>"$T/err"
}
# inject CALL:ERROR:N PATH COMMAND...: the Nth of these calls (that has to do with PATH, unless that is -) fails; N+: all from there on
inject() {
  local call error n where=()
  IFS=: read -r call error n <<<"$1"
  [ "$2" = - ] || where=(-P "$2")
  traced -o "$T/trace" "${where[@]}" -e trace="$call" -e inject="$call:error=$error:when=$n" -- "${@:3}" >"$T/out"
}
# places CALL PATH COMMAND...: how many such calls it makes
places() {
  local where=()
  [ "$2" = - ] || where=(-P "$2")
  traced -o "$T/trace" "${where[@]}" -e trace="$1" -- "${@:3}" >/dev/null
  grep -c "$1(" "$T/trace"
}
# whole PATH...: why not all of these are valid, with contents
whole() {
  local rows
  rows=$(sqlite3 "$D/db/db.sqlite" 'select path from ValidPaths' 2>&1)
  for p in "$@"; do
    [ -e "$S$p" ] || echo "$p has no files"
    case "$rows" in *"$p"*) ;; *) echo "$p has no row" ;; esac
  done
  nix-store --verify --check-contents >"$T/v" 2>&1 || cat "$T/v"
  grep -q disappeared "$T/v" && cat "$T/v"
}
# at CALL:ERROR PATH LIST COMMAND...: at each place; what is alive is whole whatever the command says. No place at all is a failure.
at() {
  local call=$1 where=$2 list=$3 n=0 total bad="" why
  shift 3
  fresh "${template:-$T/before}"
  total=$(places "${call%:*}" "$where" "$@")
  [ "$total" -gt 0 ] || { fail "$what: no such call"; return; }
  while [ $((n += 1)) -le "$total" ]; do
    fresh "${template:-$T/before}"
    inject "$call:$n${on:-}" "$where" "$@"
    status=$?
    why=$(whole $list)
    [ $status != 124 ] || why="it does not end"
    [ -z "$why" ] || bad+="
  place $n of $total, exit $status: $why"
  done
  [ -z "$bad" ] && pass "$what ($total places)" || fail "$what:$(head -c 1500 <<<"$bad")"
}

# --- one by one
db=$D/db/db.sqlite
template=$T/one what="gc, the database cannot be read" at pread64:EIO "$db" "$closure" nix-store --gc
template=$T/one what="gc, the database's size cannot be had" at newfstatat:EIO "$db" "$closure" nix-store --gc
what="delete of what lives, the database cannot be read" at newfstatat:EIO "$db" "$alive" nix-store --delete "$tree"
on=+ what="add of what is there, the database cannot be read" at pread64:EIO "$db" "$alive" nix-store --add "$T/tree"
on=+ what="add of what is there, the database's size cannot be had" at newfstatat:EIO "$db" "$alive" nix-store --add "$T/tree"
what="gc, gcroots cannot be listed" at getdents64:EIO "$D/gcroots" "$alive" nix-store --gc
what="gc, gcroots/auto cannot be listed" at getdents64:EIO "$D/gcroots/auto" "$alive" nix-store --gc
what="gc, profiles cannot be listed" at getdents64:EIO "$D/profiles" "$alive" nix-store --gc
what="gc, a root's link cannot be looked at" at newfstatat:EIO "$W/result" "$alive" nix-store --gc
what="gc, a root's link cannot be read" at readlink:EIO "$W/result" "$alive" nix-store --gc
what="gc, a root of others cannot be seen" at newfstatat:EACCES "$W/result" "$alive" nix-store --gc
what="verify, the store cannot be listed" at getdents64:EIO "$S/nix/store" "$alive" nix-store --verify

# The roots of running programs and of commands that are at work.
for error in EMFILE ENOMEM EIO; do
  fresh
  unshare -pf --mount-proc bash -c 'exec 8<"$1"; shift; strace -f -qq -o /dev/null -P /proc/1/fd -e trace=openat -e inject=openat:error='$error' "$@" 8<&-' \
    - "$S$dead" nix-store --gc >"$T/out" 2>&1
  why=$(whole $alive "$dead")
  [ -z "$why" ] && pass "gc, $error for what a process has open" || fail "gc, $error for what a process has open: $why"
done
for n in 1 2; do
  fresh
  mkdir -p "$D/temproots"
  why=$(
    exec 9>"$D/temproots/99999"
    flock 9
    printf '%s\0' "$dead" >&9
    inject getdents64:EIO:$n "$D/temproots" nix-store --gc
    whole $alive "$dead"
  )
  [ -z "$why" ] && pass "gc, temporary roots cannot be listed ($n)" || fail "gc, temporary roots cannot be listed: $why"
done

# Profiles.
same_generations() { # no generation is other than it was, but those named here
  local n now
  for n in 1 2 3; do
    now=$(readlink "$D/profiles/test-$n-link")
    [ "$now" = "${gens[$((n - 1))]}" ] || case " $* " in *" $n "*) ;; *) echo "generation $n is '$now'" ;; esac
  done
  now=$(readlink "$D/profiles/test")
  [ "$now" = test-3-link ] || [ "$now" = test-4-link ] || echo "the profile is '$now'"
}
profile_at() { # WHAT CALL:ERROR PATH MAY-GO COMMAND...
  local what=$1 call=$2 where=$3 may=$4 n=0 total bad="" why
  shift 4
  fresh
  total=$(places "${call%:*}" "$where" "$@")
  [ "$total" -gt 0 ] || { fail "$what: no such call"; return; }
  while [ $((n += 1)) -le "$total" ]; do
    fresh
    inject "$call:$n" "$where" "$@" && [ "$may" = - ] && bad+=" exit 0"
    why=$(same_generations $may)
    [ -z "$why" ] || bad+="
  place $n of $total: $why"
  done
  [ -z "$bad" ] && pass "$what ($total places)" || fail "$what:$bad"
}
set_one="nix-env -p $D/profiles/test --set $dead"
profile_at "set, the profiles cannot be listed" getdents64:EIO "$D/profiles" "" $set_one
profile_at "set, a generation cannot be looked at" newfstatat:EIO "$D/profiles/test-3-link" "" $set_one
profile_at "set, a generation cannot be read" readlink:EIO "$D/profiles/test-3-link" "" $set_one
profile_at "delete old, the profile cannot be read" readlink:EIO "$D/profiles/test" "1 2" nix-env -p "$D/profiles/test" --delete-generations old
profile_at "delete old, profiles cannot be listed" getdents64:EIO "$D/profiles" "1 2" nix-env -p "$D/profiles/test" --delete-generations old

# A stream in an order that is none.
fresh
nix-store --export $closure >"$T/export"
total=$(places newfstatat "$db" nix-store --export $closure) bad=""
for n in $(seq 1 "$total"); do
  fresh
  inject newfstatat:EIO:$n "$db" nix-store --export $closure && ! cmp -s "$T/out" "$T/export" && bad+=" $n"
done
[ -z "$bad" ] && [ "$total" -gt 0 ] && pass "export is right or fails ($total places)" || fail "export succeeds with something else at:$bad"

# Databases that lost their end, or a page.
pages=$(($(stat -c %s "$T/before/root/nix/var/nix/db/db.sqlite") / 4096)) bad=""
damaged() { # the file that is damaged; the database that is asked afterwards is the good one: nothing of the files may be gone
  local op
  for op in "--delete $tree" "--delete $deep" "--gc" "--add $T/tree"; do
    cp "$T/damaged" "$db"
    rm -f "$db-wal" "$db-shm"
    # shellcheck disable=SC2086
    nix-store $op >"$T/out" 2>&1
    status=$?
    for p in $alive; do [ -e "$S$p" ] || bad+="
  $1, $op, exit $status: $p is gone"; done
    [ -z "$bad" ] || { fresh; break; }
  done
}
fresh
for n in $(seq 0 $((pages - 1))); do
  head -c $((n * 4096)) "$T/before/root/nix/var/nix/db/db.sqlite" >"$T/damaged"
  damaged "cut after page $n"
  cp "$T/before/root/nix/var/nix/db/db.sqlite" "$T/damaged"
  dd if=/dev/zero of="$T/damaged" bs=4096 seek="$n" count=1 conv=notrunc status=none
  damaged "page $n is zero"
done
for off in $(grep -aboF "$(basename "$tree" | cut -c1-32)" "$T/before/root/nix/var/nix/db/db.sqlite" | cut -d: -f1); do
  cp "$T/before/root/nix/var/nix/db/db.sqlite" "$T/damaged"
  printf z | dd of="$T/damaged" bs=1 seek="$((off + 20))" conv=notrunc status=none
  damaged "another letter at $off"
done
[ -z "$bad" ] && pass "damaged databases ($pages pages)" || fail "damaged databases:$(head -c 1500 <<<"$bad")"

# Two outputs, one of them valid: the other is built, that one stays as it is.
cat >"$T/two.nix" <<'NIX'
derivation { name = "two"; system = builtins.currentSystem; builder = "/bin/sh"; outputs = [ "out" "dev" ];
  args = [ "-c" "read x </proc/sys/kernel/random/uuid; echo $x >$out; echo $x >$dev" ]; }
NIX
fresh
nix-build "$T/two.nix" -A dev --no-out-link >/dev/null 2>&1
nix-build "$T/two.nix" --no-out-link >"$T/out" 2>&1 || fail "building two outputs: $(tail -n 2 "$T/out")"
two=$(grep two "$T/out" | tail -n 1)
two_drv=$(nix-store -q --deriver "$two")
dev=$(nix-store -q --outputs "$two_drv" | grep dev)
ln -s "$dev" "$D/gcroots/dev" && ln -s "$two_drv" "$D/gcroots/drv"
nix-store --delete "$two" >/dev/null 2>&1 || fail "deleting one of two outputs"
cp -a "$W" "$T/two"
kept=$(cat "$S$dev")
total=$(places newfstatat "$db" nix-build "$T/two.nix" --no-out-link) bad=""
for n in $(seq 1 "$total"); do
  fresh "$T/two"
  inject newfstatat:EIO:$n+ "$db" nix-build "$T/two.nix" --no-out-link
  status=$?
  [ "$(cat "$S$dev")" = "$kept" ] || bad+=" $n (exit $status: other contents)"
  [ $status != 0 ] || [ -e "$S$two" ] || bad+=" $n (exit 0: not built)"
done
[ -z "$bad" ] && [ "$total" -gt 0 ] && pass "one of two outputs stays ($total places)" || fail "one of two outputs:$bad"

# Nothing to build, but derivations to write: that this failed is said.
fresh "$T/two"
rm "$D/gcroots/dev" "$D/gcroots/drv"
nix-store --delete "$two_drv" >/dev/null 2>&1 || fail "deleting the derivation"
cp -a "$W" "$T/no-drv"
bad=""
for call in fsync pwrite64; do
  fresh "$T/no-drv"
  total=$(places $call - nix-build "$T/two.nix" -A dev --no-out-link)
  [ "$total" -gt 0 ] || bad+=" no $call"
  for n in $(seq 1 "$total"); do
    fresh "$T/no-drv"
    inject $call:EIO:$n+ - nix-build "$T/two.nix" -A dev --no-out-link || continue
    why=$(whole "$two_drv")
    [ -z "$why" ] || bad+=" $call $n: $why"
  done
done
[ -z "$bad" ] && pass "derivations that could not be written" || fail "derivations that could not be written: $bad"

# --verify keeps collectors out, and waits for one that runs.
fresh
(
  flock -x 9
  nix-store --verify >"$T/v" 2>&1 &
  pid=$!
  sleep 0.5
  kill -0 $pid 2>/dev/null && echo waits
  flock -u 9
  wait $pid && echo done
) 9>"$D/gc.lock" >"$T/out"
same "verify waits for a collector" "$(cat "$T/out")" "waits
done"

# A store that cannot be written.
fresh
chmod -R go+rX "$W"
echo 'derivation { name = "new"; system = "x"; builder = "b"; }' >"$T/new.nix"
printed=$(setpriv --reuid 65534 --regid 65534 --clear-groups "$build/kernix" nix-instantiate "$T/new.nix" 2>/dev/null)
[ $? != 0 ] && [ -z "$printed" ] && pass "no .drv is named where none can be written" || fail "a .drv that is not there is named: $printed"
printed=$(setpriv --reuid 65534 --regid 65534 --clear-groups "$build/kernix" nix-instantiate "$T/deep.nix" 2>/dev/null)
same "one that is there is named" "$printed" "$deep"

# What a killed build noted is removed when it is that folder, and not when somebody else has the name by now.
cat >"$T/slow.nix" <<'NIX'
derivation { name = "slow"; system = builtins.currentSystem; builder = "/bin/sh";
  args = [ "-c" "while read x <$bait; do :; done; echo 1 >$out" ]; bait = "/proc/self/stat"; }
NIX
mkdir "$T/tmp"
killed() { # a build of $1 is killed while it runs; *left* is its folder
  setsid bash -c 'TMPDIR=$1 exec nix-build "$2" --no-out-link' - "$T/tmp" "$1" >/dev/null 2>&1 &
  local pid=$! i=0
  while [ $((i += 1)) -lt 100 ] && ! [ -e "$(echo "$S"/nix/store/*.drv.chroot/build-dir)" ]; do sleep 0.05; done
  sleep 0.1
  kill -9 $pid
  wait $pid 2>/dev/null
  left=$(ls -d "$T"/tmp/nix-build-slow.drv-*)
}
fresh
killed "$T/slow.nix"
[ -d "$left" ] && pass "a killed build leaves its folder" || fail "a killed build leaves no folder"
sed -i 's/while.*done; //' "$T/slow.nix" # another derivation: its build sweeps
TMPDIR=$T/tmp nix-build "$T/slow.nix" --no-out-link >/dev/null 2>&1
same "the next build removes it" "$(ls "$T/tmp")" ""
sed -i 's/echo 1/while read x <$bait; do :; done; echo 2/' "$T/slow.nix"
killed "$T/slow.nix"
rm -rf "$left" && mkdir "$left" && echo precious >"$left/file"
sed -i 's/while.*done; //' "$T/slow.nix"
TMPDIR=$T/tmp nix-build "$T/slow.nix" --no-out-link >/dev/null 2>&1
same "not what has its name now" "$(cat "$left/file" 2>/dev/null)" precious
rm -rf "$T/tmp"

# --- the sweep
each=${FAULTS_EACH:-3}
calls=${FAULTS_CALLS:-openat getdents64 readlink newfstatat pread64 read fcntl fsync}
sweep() { # NAME COMMAND...: at some places of each call
  local name=$1 call total n why bad="" count=0 status
  shift
  for call in $calls; do
    fresh "${template:-$T/before}"
    total=$(places "$call" - "$@")
    for n in $(seq 1 "$each"); do
      [ "$n" -le "$total" ] || break
      [ "$total" -le "$each" ] || n=$((n * total / each))
      fresh "${template:-$T/before}"
      inject "$call:EIO:$n" - "$@"
      status=$?
      count=$((count + 1))
      [ $status != 124 ] && why= || why="it does not end"
      why+=$(whole $alive)
      [ $status != 0 ] || why+=$(done_"$name")
      [ -z "$why" ] || bad+="
  $call $n of $total, exit $status: $why"
    done
  done
  [ -z "$bad" ] && pass "sweep $name ($count places)" || fail "sweep $name:$(head -c 2000 <<<"$bad")"
}
done_gc() { [ ! -e "$S$dead" ] || echo "the dead path is there"; }
done_delete() { [ ! -e "$S$dead" ] || echo "the deleted path is there"; }
done_add() { whole "$(cat "$T/out")"; }
done_export() { cmp "$T/out" "$T/export" 2>&1; }
done_verify() { :; }
done_set() { [ "$(readlink -f "$D/profiles/test")" = "$dead" ] && same_generations || echo "not set"; }
done_generations() { same_generations 1 2; [ ! -e "$D/profiles/test-1-link" ] || echo "generation 1 is there"; }
done_build() { [ "$(cat "$S$dev")" = "$kept" ] || echo "other contents"; whole "$two" "$dev"; }
sweep gc nix-store --gc
sweep delete nix-store --delete "$dead"
sweep add nix-store --add "$T/added"
sweep export nix-store --export $closure
sweep verify nix-store --verify
sweep set $set_one
sweep generations nix-env -p "$D/profiles/test" --delete-generations old
template=$T/two sweep build nix-build "$T/two.nix" --no-out-link
ok "real Nix verifies the last of them" nix "$S" --verify --check-contents
exit $failed
