#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What kills leave behind is no root and goes with the next collection; links are durable when a command has ended; a rollback that was
# killed and is repeated goes back once.
source "$(dirname "$0")/lib.sh"
for name in nix-build nix-instantiate nix-env; do ln -sf "$build/kernix" "$T/bin/$name"; done
S=$T/s state=$T/s/nix/var/nix profiles=$T/s/nix/var/nix/profiles
mkdir -p "$T/home" "$T/here"
add() { echo "$1" >"$T/$1" && ours "$S" --add "$T/$1"; }
export NIX_REMOTE="local?root=$S"
cd "$T/here" || exit 1

# Links with the name of a process that is gone.
sleep 0 &
gone=$!
wait
dead=$(add dead) live=$(add live)
mkdir -p "$state/gcroots/auto" "$profiles"
ln -s "$dead" "$state/gcroots/mine.tmp-$gone-0"
ln -s "$dead" "$profiles/system-3-link.tmp-$gone-1"
ln -s "$dead" "$T/here/result.tmp-$gone-0"
ln -s "$T/here/result.tmp-$gone-0" "$state/gcroots/auto/0000.tmp-$gone-0"
ln -s "$live" "$state/gcroots/other.tmp-$$-0"
ln -s "$live" "$state/gcroots/a.tmp-x-0"
roots=$("$T/bin/nix-store" --gc --print-roots)
same "a killed process's link is no root" "$(grep -c "$dead" <<<"$roots")" 0
same "a living one's is, and so is what only looks like one" "$(grep -c "$live" <<<"$roots")" 2
"$T/bin/nix-store" --gc >/dev/null 2>&1
ok "what it pointed to is collected" test ! -e "$S$dead" -a -e "$S$live"
same "the links are gone" "$(find "$state/gcroots" "$profiles" -name '*.tmp-*' | sed 's/.*tmp-//' | sort)" "$(printf '%s\n' "$$-0" x-0 | sort)"
"$T/bin/nix-store" --add-root result --realise "$live" >/dev/null
"$T/bin/nix-store" --add-root result --realise "$(add another)" >/dev/null
same "beside a link that is replaced they go too" "$(ls)" result

# The socket of a collector that was killed while it waited.
flock "$state/gc.lock" sleep 5 &
holder=$!
sleep 0.2
"$T/bin/nix-store" --gc >/dev/null 2>&1 &
waiting=$!
sleep 0.5
kill -9 $waiting
{ wait $waiting; } 2>/dev/null
ok "a killed collector leaves its socket" test -e "$state/gc-socket/.$waiting"
kill $holder
pkill -P $holder 2>/dev/null
wait $holder 2>/dev/null
timeout 20 "$T/bin/nix-store" --gc >/dev/null 2>&1
same "the next one sweeps it" "$(ls -A "$state/gc-socket")" socket

# Links are synced: after the last name is given, its folder is.
synced() { # LINK COMMAND...: with the link made anew or replaced
  local link=$1 dir
  shift
  dir=$(dirname "$link")
  strace -f -y -qq -e trace=symlink,symlinkat,rename,renameat,renameat2,fsync -o "$T/trace" "$@" >/dev/null 2>&1
  # The folder's fsync stands behind the last line that names the link.
  awk -v link=", \"$link\")" -v dir="<$dir>" 'index($0, link) { named = 1; synced = 0 } named && /fsync\(/ && index($0, dir) { synced = 1 } END { exit !(named && synced) }' "$T/trace"
}
expr='derivation { name = "a"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo hi > $out" ]; }'
ok "a new result link is synced" synced "$T/here/new" "$T/bin/nix-build" -o "$T/here/new" -E "$expr"
ok "its root too" awk -v dir="<$state/gcroots/auto>" '/fsync/ && index($0, dir) { found = 1 } END { exit !found }' "$T/trace"
ok "a replaced result link is synced" synced "$T/here/new" "$T/bin/nix-build" -o "$T/here/new" -E "${expr/hi/other}"
ok "a profile's link is synced" synced "$profiles/p" "$T/bin/nix-env" -p "$profiles/p" --set "$live"

# A rollback that is killed at every place in turn, and repeated.
profile=$profiles/r
for n in 1 2 3 4 5; do "$T/bin/nix-env" -p "$profile" --set "$(add "g$n")"; done
current() { readlink "$profile" | grep -oE '[0-9]+'; }
reset() { "$T/bin/nix-env" -p "$profile" --switch-generation 5 2>/dev/null; }
strace -f -qq -o "$T/calls" "$T/bin/nix-env" -p "$profile" --rollback 2>/dev/null
same "a rollback goes back once" "$(current)" 4
reset
# NAME K: the K-th call of NAME, in the order of the calls; the last ones, among which is the switch.
awk '{ name = $2; sub(/\(.*/, "", name); if (name ~ /^[a-z0-9_]+$/ && name != "exit_group") print name, ++n[name] }' "$T/calls" | tail -n 40 >"$T/places"
before=0 wrong= late=0 switched=0
while read -r name k; do
  strace -f -qq -o /dev/null -e "inject=$name:signal=KILL:when=$k" "$T/bin/nix-env" -p "$profile" --rollback >/dev/null 2>&1 </dev/null
  status=$?
  at=$(current)
  [ "$at" = 5 ] && before=$((before + 1))
  if [ $status != 0 ]; then
    # Killed when it had nothing left to do but to end: no difference to one that has ended.
    if [ "$at" = 4 ] && [ ! -e "$profile.rollback" ]; then late=$((late + 1)); else
      [ "$at" = 4 ] && switched=$((switched + 1))
      "$T/bin/nix-env" -p "$profile" --rollback >/dev/null 2>&1
    fi
  fi
  [ "$(current)" = 4 ] || wrong="$wrong $name $k:$(current)"
  reset
done <"$T/places" 2>/dev/null
same "killed and repeated, it goes back once" "$wrong" ""
ok "kills hit before the switch ($before), behind it ($switched)" test $before -gt 2 -a $switched -gt 2
ok "and only at the very end ($late) it is as good as done" test $late -le 10
ok "no note stays" test ! -e "$profile.rollback"
"$T/bin/nix-env" -p "$profile" --rollback 2>/dev/null
"$T/bin/nix-env" -p "$profile" --rollback 2>/dev/null
same "two rollbacks that end go back twice" "$(current)" 3
# A note of long ago means nothing.
echo 3 >"$profile.rollback" && touch -d '1 hour ago' "$profile.rollback"
"$T/bin/nix-env" -p "$profile" --rollback 2>/dev/null
same "an old note is none" "$(current) $(ls "$profile.rollback" 2>/dev/null)" "2 "
# A build that is killed at any place leaves no folder that the next one of the same derivation does not find; and a folder that somebody
# else has made in the place of one that was left is not touched.
mkdir "$T/tmp"
export TMPDIR=$T/tmp
slow='derivation { name = "slow"; system = builtins.currentSystem; builder = "/bin/sh"; PATH = "/bin:/usr/bin"; args = [ "-c" "echo made >made; sleep $seconds; echo hi > $out" ]; seconds = SECONDS; n = NUMBER; }'
slow_build() { timeout 60 "$T/bin/nix-build" --no-out-link -E "$(sed "s/SECONDS/$1/; s/NUMBER/$2/" <<<"$slow")"; }
hits=0
for call in mkdir chown renameat2 statx; do
  for k in 1 2 3 4; do
    timeout 60 strace -f -qq -o /dev/null -e "inject=$call:signal=KILL:when=$k" "$T/bin/nix-build" --no-out-link -E "$(sed "s/SECONDS/0/; s/NUMBER/\"$call$k\"/" <<<"$slow")" >/dev/null 2>&1 </dev/null
    ls "$TMPDIR" | grep -q nix-build && hits=$((hits + 1))
    slow_build 0 "\"$call$k\"" >/dev/null 2>&1 || fail "killed at $call $k: the next build"
  done
done 2>/dev/null
same "builds killed at their start leave no folder" "$(ls "$TMPDIR")" ""
ok "kills left folders that were found ($hits)" test $hits -gt 1
rm -rf "$TMPDIR"/*
"$T/bin/nix-build" --no-out-link -E "$(sed "s/SECONDS/3/; s/NUMBER/1/" <<<"$slow")" >/dev/null 2>&1 &
runs=$!
made() { find "$TMPDIR/nix-build-slow.drv-0" -name made 2>/dev/null | grep -q made; }
for ((i = 0; i < 25; i++)); do made && break; sleep 0.1; done
kill -9 $runs
{ wait $runs; } 2>/dev/null
ok "a killed build leaves its folder" made
rm -rf "$TMPDIR/nix-build-slow.drv-0"
mkdir "$TMPDIR/nix-build-slow.drv-0"
echo mine >"$TMPDIR/nix-build-slow.drv-0/file"
ok "it is built again" slow_build 3 1
same "somebody else's folder of that name stays" "$(cat "$TMPDIR"/nix-build-slow.drv-0/file) $(ls "$TMPDIR")" "mine nix-build-slow.drv-0"
exit $failed
