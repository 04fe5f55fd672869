#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kill -9 at every system call of boot, rollback, confirm and deletion that changes a name (strace sends
# the signal), and at random moments. After each: the machine starts the generation that was normal or the one that was asked for, every
# file that an entry names is there and whole, every entry's system is in the store, and the next command works as if nothing had been.
#   kill.sh [RANDOM-ROUNDS]
source "$(dirname "$0")/lib.sh"
rounds=${1:-10}

# Files in BOOT/kernix are named after their content.
names_are_hashes() {
  local file name
  for file in "$R"/boot/kernix/*-kernel "$R"/boot/kernix/*-initrd; do
    [ -e "$file" ] || continue
    name=$(basename "$file")
    [[ $("$bin/nix-hash" --type sha256 --flat --base32 "$file") == "${name%-*}"* ]] || { echo "$name is not whole"; return 1; }
  done
}
entries_hold() {
  local word system
  for word in $(cat "$R"/boot/kernix/grub.cfg "$R"/boot/loader/entries/kernix-*.conf 2>/dev/null | grep -oE '[0-9a-z]{32}-(kernel|initrd)'); do
    [ -e "$R/boot/kernix/$word" ] || { echo "an entry names $word, which is not there"; return 1; }
  done
  for system in $(cat "$R"/boot/kernix/grub.cfg "$R"/boot/loader/entries/kernix-*.conf 2>/dev/null | grep -oE '/nix/store/[^ ]*nixos-system[^ /]*' | sort -u); do
    [ -e "$R$system/init" ] || { echo "an entry's system $system is gone"; return 1; }
  done
}
profile_holds() { [ ! -L "$system" ] || [ -e "$R$(readlink -f "$profiles/$(readlink "$system")" | sed "s|^$R||")/boot.json" ] || [ -e "$R$(readlink "$profiles/$(readlink "$system")")/boot.json" ]; }
# What must hold at every moment; $first is what starts next, $second what would start after it. Says what does not.
state_holds() { # ALLOWED...
  names_are_hashes && entries_hold && profile_holds || return 1
  first=$($starts) second=$($starts)
  case " $* " in *" $first "*) ;; *) echo "the machine starts '$first', not one of: $*"; return 1 ;; esac
  case " $* " in *" $second "*) ;; *) echo "then the machine starts '$second', not one of: $*"; return 1 ;; esac
  kboot refresh >"$work/refresh" 2>&1 || { echo "refresh: $(cat "$work/refresh")"; return 1; }
  [ -z "$(find "$R/boot" -name '.new-*' -o -name '*.tmp-*')" ] || { echo "left over: $(find "$R/boot" -name '.new-*' -o -name '*.tmp-*')"; return 1; }
}
# sweep NAME ALLOWED-GENERATIONS COMMAND...: killed before its first rename, before its second, ..., until it gets through; then the same
# for the other calls that change a name (strace counts each kind of call by itself).
sweep() {
  local name=$1 allowed=$2 bad=0 kills=0 call n status
  shift 2
  rm -rf "$work/snapshot"
  mkdir "$work/snapshot" && cp -a "$R/boot" "$profiles" "$work/snapshot/"
  for call in rename unlink symlink; do
    for n in $(seq 60); do
      rm -rf "$R/boot" "$profiles"
      cp -a "$work/snapshot/boot" "$R/boot" && cp -a "$work/snapshot/profiles" "$profiles"
      { timeout 60 strace -f -o /dev/null -e trace=$call -e inject=$call:signal=KILL:when="$n" "$@" >"$work/swept" 2>&1; } 2>/dev/null
      status=$?
      # shellcheck disable=SC2086 # a list of words
      state_holds $allowed >"$work/why" 2>&1 || { bad=$((bad + 1)); echo "$name, killed at $call $n: $(cat "$work/why")"; }
      if [ $status = 0 ]; then break; fi
      kills=$((kills + 1))
    done
  done
  check "$name: killed at each of $kills changes of a name, the machine starts" is "$bad" 0
  check "$name: it was killed, and got through at last" test "$kills" -gt 3 -a $status = 0
}

for loader in grub systemd-boot; do
  starts=start_${loader%-boot}
  new_root "$loader"
  for n in 1 2 3; do # built beforehand: the killing is for what comes after
    printf '{ kernel = "kernel %s"; pad = 3000000; }\n' "$n" >"$work/c$n.nix"
    "$bin/nixos-rebuild" build --root "$R" -I nixos-config="$work/c$n.nix" >/dev/null 2>&1
    rm -f result
  done
  make() { timeout 60 "$bin/nixos-rebuild" "$@" --root "$R" >/dev/null 2>&1; }
  make boot --permanent -I nixos-config="$work/c1.nix"
  kboot confirm --booted "$(generation 1)"
  sweep "$loader: boot" "kernix-1 kernix-2" "$bin/nixos-rebuild" boot --root "$R" -I nixos-config="$work/c2.nix"
  sweep "$loader: confirm" "kernix-1 kernix-2" "$KERNIX_BUILD/kernix" boot confirm --root "$R" --booted "$(generation 2)"
  sweep "$loader: another trial in place of one" "kernix-1 kernix-2 kernix-3" "$bin/nixos-rebuild" boot --root "$R" -I nixos-config="$work/c3.nix"
  make boot --permanent -I nixos-config="$work/c3.nix"
  kboot confirm --booted "$(generation 3)" >/dev/null 2>&1
  sweep "$loader: rollback" "kernix-2 kernix-3" "$bin/nixos-rebuild" boot --rollback --permanent --root "$R"
  sweep "$loader: delete" "kernix-2" "$bin/nix-env" -p "$system" --delete-generations old --root "$R"

  bad=0
  for round in $(seq "$rounds"); do
    setsid "$bin/nixos-rebuild" switch --root "$R" -I nixos-config="$work/c$((round % 3 + 1)).nix" >/dev/null 2>&1 &
    pid=$!
    sleep "0.$(printf %03d $((RANDOM % 250)))"
    kill -9 -- "-$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    state_holds $(seq -f 'kernix-%g' 30) >"$work/why" 2>&1 || { bad=$((bad + 1)); cat "$work/why"; }
  done
  check "$loader: $rounds times killed at random, the machine starts" is "$bad" 0
done
finish
