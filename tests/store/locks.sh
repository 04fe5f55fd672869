#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Locks: rubbish in a lock file ends no wait that has to end, and who waits for long says what for and who has it.
source "$(dirname "$0")/lib.sh"
for name in nix-build nix-instantiate nix-env; do ln -sf "$build/kernix" "$T/bin/$name"; done
S=$T/s state=$T/s/nix/var/nix
mkdir -p "$T/home"
echo one >"$T/one"
one=$(ours "$S" --add "$T/one")
export NIX_REMOTE="local?root=$S"

# A byte in a lock file that nobody has unlinked: left by a crash between two disk blocks, or put there by hand.
expr='derivation { name = "a"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo hi > $out" ]; }'
out=$("$T/bin/nix-store" -q --outputs "$("$T/bin/nix-instantiate" -E "$expr" 2>/dev/null)")
printf x >"$S$out.lock"
ok "a build with rubbish in its lock file" timeout 20 "$T/bin/nix-build" --no-out-link -E "$expr"
echo two >"$T/two"
two=$(ours "$T/other" --add "$T/two")
printf 'dd' >"$S$two.lock"
ok "adding with rubbish in its lock file" timeout 20 "$T/bin/nix-store" --add "$T/two"
same "no lock file is left" "$(ls -A "$S/nix/store" | grep lock)" ""
# One that is really stale: unlinked and marked while we wait for it.
echo three >"$T/three"
three=$(ours "$T/other" --add "$T/three")
flock "$S$three.lock" sh -c "sleep 0.5; rm '$S$three.lock'; printf d >&3" 3>>"$S$three.lock" &
sleep 0.2
ok "adding waits for another's lock file" timeout 20 "$T/bin/nix-store" --add "$T/three"
wait

waits() { # WHAT FILE TEXT COMMAND...: with FILE locked for 2 seconds the command says the text, and then succeeds
  local what=$1 file=$2 text=$3
  shift 3
  flock "$file" sleep 2.5 &
  while flock -n "$file" true; do sleep 0.05; done
  timeout 30 "$@" >"$T/out" 2>&1
  local status=$? holder
  holder=$(sed -n "s|.*waiting for $text, which process \([0-9]*\) (flock) has.*|\1|p" "$T/out" | head -n 1)
  same "$what: it is said what is waited for, and who has it" "$status $holder" "0 $!"
  [ -n "$holder" ] || cat "$T/out"
  wait
}
waits "a root" "$state/gc.lock" "the big garbage collector lock" "$T/bin/nix-store" --add-root "$T/root" --realise "$one"
waits "a collector" "$state/gc.lock" "the big garbage collector lock" "$T/bin/nix-store" --gc
waits "the store" "$state/db/big-lock" "the big Nix store lock" "$T/bin/nix-store" -q --hash "$one"
waits "a profile" "$T/profile.lock" "the lock '$T/profile.lock'" "$T/bin/nix-env" -p "$T/profile" --set "$one"
waits "a path" "$S$three.lock" "the lock '$S$three.lock'" "$T/bin/nix-store" --add "$T/three"
echo four >"$T/four"
waits "a temporary root" "$state/gc.lock" "the garbage collector" "$T/bin/nix-store" --add "$T/four"

echo five >"$T/five"
printf 'begin immediate;\n.shell sleep 2.5\nrollback;\n' | sqlite3 "$state/db/db.sqlite" &
sleep 0.5
timeout 30 "$T/bin/nix-store" --add "$T/five" >"$T/said" 2>&1
ok "the database is waited for" test $? = 0
ok "the database: it is said" grep -qE "waiting for the Nix store's database, which process [0-9]+ \(sqlite3\) has" "$T/said"
wait
"$T/bin/nix-store" --add "$T/one" >"$T/said" 2>&1
ok "a wait that is none is silent" test -z "$(grep waiting "$T/said")"
exit $failed
