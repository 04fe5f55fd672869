#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Standard streams that fail: what was not written is no success, a closed pipe ends a command quietly but not a build, closed streams do
# not become the database's files.
set -u
cd "$KERNIX_SRC" || exit 1
. tests/cmd/lib.sh
export NIX_REMOTE="local?root=$work/store" HOME=$work NIX_PATH=nixpkgs=$PWD/nixpkgs NIX_CONF_DIR=$work/conf
mkdir -p "$work/store" "$work/here" "$work/conf"
cd "$work/here" || exit 1
expr='derivation { name = "a"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo said; echo hi > $out" ]; }'
drv=$("$bin/nix-instantiate" -E "$expr" 2>/dev/null)
path=$("$bin/nix-build" -o "$work/result" -E "$expr" 2>/dev/null)
profile=$work/store/nix/var/nix/profiles/p
"$bin/nix-env" -p "$profile" --set "$path"
commands=(
  "nix-instantiate -E '$expr'" "nix-instantiate --eval -E '1 + 1'" "nix-instantiate --eval --json -E '1 + 1'" "nix-instantiate --parse -E 1"
  "nix-build --no-out-link -E '$expr'" "nix-build -o other -E '$expr'"
  "nix-store -r $drv" "nix-store -qR $path" "nix-store -q --hash $path" "nix-store -q --graph $path" "nix-store --read-log $path" "nix-store --dump $work/store$path"
  "nix-store --export $path" "nix-store --print-env $drv" "nix-store --gc --print-roots" "nix-store --dump-db"
  "nix-store --add /etc/hostname" "nix-store --version" "nix-store --help" "nix-env -p $profile --list-generations" "nix-hash --type sha256 $work/conf"
  "nix-hash --to-base32 --type md5 00000000000000000000000000000000" "nix-collect-garbage --dry-run" "nixos-rebuild --help" "nix log $path" "nix eval --expr 1" "nix help"
)
exec_() { # COMMAND REDIRECTION
  eval "timeout 60 \"\$bin\"/$1 $2"
}
for command in "${commands[@]}"; do
  short=${command//"$expr"/EXPR}
  exec_ "$command" '' >"$work/good" 2>/dev/null
  # What says nothing on standard output has nothing to lose.
  if [ ! -s "$work/good" ]; then bad "$short says nothing" && continue; fi
  expect_fail "full: $short" "writing " exec_ "$command" '>/dev/full'
  check "full: $short says it once" test "$(grep -cE 'No space left|not all of it' "$work/out")" = 1
  # A pipe that nobody reads any more: the reader is gone before the first byte.
  mkfifo "$work/fifo"
  exec 9<>"$work/fifo" 8>"$work/fifo"
  exec 9>&-
  exec_ "$command" '>&8' 2>"$work/err" && bad "pipe: $short: success" || ok "pipe: $short fails"
  grep -qiE 'broken pipe|writing' "$work/err" && bad "pipe: $short is not quiet" "$work/err" || ok "pipe: $short is quiet"
  exec 8>&-
  rm "$work/fifo"
done

# The reader of a build's messages leaves: the build goes on.
long='derivation { name = "long"; system = builtins.currentSystem; builder = "/bin/sh"; PATH = "/bin:/usr/bin"; args = [ "-c" "for i in 1 2 3 4; do echo line $i; echo line $i >&2; sleep 0.2; done; echo hi > $out" ]; }'
"$bin/nix-build" -o "$work/long" -E "$long" 2>&1 >/dev/null | head -n 1 >/dev/null
check "a build outlives the reader of its messages" test -e "$work/long" -o -L "$work/long"
# A builder is not told to ignore pipes that break.
piped='derivation { name = "piped"; system = builtins.currentSystem; builder = "/bin/sh"; PATH = "/bin:/usr/bin"; args = [ "-c" "yes | head -n 1; ( trap - PIPE; yes; echo $? >&3 ) 3>$out | head -n 1; grep SigIgn /proc/self/status >>$out" ]; }'
"$bin/nix-build" -o "$work/piped" -E "$piped" >/dev/null 2>"$work/err"
check "a builder's own pipes break as ever" sh -c 'cat "$2" "$1"; grep -qE "SigIgn:.0*$" "$1"' - "$work/store$(readlink "$work/piped")" "$work/err"

# All three closed: the lock has no text in it, and the command does its work.
for command in "nix-store -qR $path" "nix-store -qR /nix/store/none" "nix-build -o closed -E '$expr'" "nix-instantiate -E '$expr'" "nix-store --verify"; do
  exec_ "$command" '<&- >&- 2>&-'
done
for file in db/big-lock gc.lock db/schema; do
  f=$work/store/nix/var/nix/$file
  case $file in db/schema) want=10 ;; *) want= ;; esac
  [ "$(cat "$f")" = "$want" ] && ok "closed: nothing is written into $file" || bad "closed: $file" "$f"
done
check "closed: the work is done" test -L "$work/here/closed"
check "closed: the store is whole" "$bin/nix-store" --verify --check-contents

expect_fail "log without a word" "'log' needs a store path" "$KERNIX_BUILD/kernix" log
finish
