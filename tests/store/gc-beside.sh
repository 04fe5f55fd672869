#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One tool's collector runs again and again while the other tool writes hundreds of derivations that refer to each other: nothing
# that is being made may go, whichever of them collects.
. "$(dirname "$0")/lib.sh"

ln -sf "$build/kernix" "$T/bin/nix-instantiate"
cat >"$T/many.nix" <<'END'
let
  mk = i: derivation { name = "d${toString i}"; system = "s"; builder = "b"; src = ./file; dep = if i == 0 then "" else builtins.elemAt all (i - 1); };
  all = builtins.genList mk 400;
in builtins.elemAt all 399
END
echo content >"$T/file"

beside() { # WHAT COLLECTOR WRITER
  local store=$T/$1 n=0 r drv
  export NIX_REMOTE="local?root=$store"
  "$2" --gc >/dev/null 2>&1
  (while [ ! -e "$T/$1.stop" ]; do "$2" --gc || echo failed; n=$((n + 1)); echo $n >"$T/$1.n"; done) >"$T/$1.log" 2>&1 &
  local collector=$!
  sleep 0.3
  # Nix 2.8 gives up its protection when it meets the instant between a collector's lock and its socket: it may try again.
  for _ in 1 2 3; do
    drv=$("$3" --add-root "$T/$1.link" "$T/many.nix" 2>"$T/$1.err")
    r=$?
    [ $r != 0 ] && [ "$3" = "$nix_instantiate" ] || break
  done
  sleep 0.5
  touch "$T/$1.stop"
  wait $collector
  [ $r = 0 ] && pass "$1: $(cat "$T/$1.n") collections beside" || fail "$1: $(tail -n 3 "$T/$1.err")"
  [ -n "$drv" ] || fail "$1: no derivation"
  same "$1: closure" "$("$nix_store" -qR "$T/$1.link" | wc -l)" 401
  ok "$1: store verifies" "$nix_store" --verify --check-contents
  grep -q failed "$T/$1.log" && [ "$3" != "$nix_instantiate" ] && fail "$1: the collector failed: $(grep -B 3 failed "$T/$1.log" | head -n 5)"
  unset NIX_REMOTE
}
beside ours-collects "$T/bin/nix-store" "$nix_instantiate"
beside nix-collects "$nix_store" "$T/bin/nix-instantiate"
beside both-ours "$T/bin/nix-store" "$T/bin/nix-instantiate"
# Anybody may have a folder open whose path is longer than the kernel can write down.
mkdir "$T/deep"
(cd "$T/deep" && name=$(printf 'd%.0s' $(seq 200)) && for _ in $(seq 30); do mkdir "$name" && cd -P "$name" 2>/dev/null || break; done; touch "$T/deep.there"; exec sleep 60) &
deep=$!
for _ in $(seq 100); do [ -e "$T/deep.there" ] && break; sleep 0.05; done
if readlink "/proc/$deep/cwd" >/dev/null 2>&1; then fail "the path is not long enough: $(readlink "/proc/$deep/cwd" | wc -c)"; fi
ok "collecting beside a path that is too long" ours "$T/both-ours" --gc
kill $deep
exit $failed
