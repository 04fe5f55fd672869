#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The command-line forms of nix-instantiate, each run by Debian's and by ours in a store in a temporary folder: the
# same stdout (but the line break that newer Nix puts after JSON) and exit status. What newer Nix does otherwise, or
# Debian's cannot do, has its answer here. Usage: front-end.sh OURS (the binary named nix-instantiate).
set -u
ours=$(cd "$(dirname "$1")" && pwd)/nix-instantiate
tmp=$(mktemp -d "${TMPDIR:-/tmp}/kernix-front-end.XXXXXX")
trap 'chmod -R u+w "$tmp"; rm -rf "$tmp"' EXIT
cp -r "$(dirname "$0")/front-end" "$tmp/nix"
cp -r "$tmp/nix" "$tmp/ours"
mkdir "$tmp/home" "$tmp/etc"
printf 'substituters =\nbuild-users-group =\n' > "$tmp/etc/nix.conf"
unset NIX_PATH NIX_REMOTE NIX_CONFIG
export HOME=$tmp/home NIX_STORE_DIR=$tmp/store NIX_CONF_DIR=$tmp/etc XDG_CACHE_HOME=$tmp/home
passed=0 failed=0

# in_store NAME COMMAND: runs it in the folder NAME with a state of its own; prints stdout and the status.
in_store() {
  NIX_STATE_DIR=$tmp/var-$1 NIX_LOCALSTATE_DIR=$tmp/var-$1 NIX_LOG_DIR=$tmp/log-$1 \
    bash -c "cd $tmp/$1 && $2" 2> "$tmp/$1.err" < /dev/null
  echo "exit $?"
}

# check WHAT WANT GOT
check() {
  if [ "$2" = "$3" ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAIL %s\n  want %s\n  got  %s\n' "$1" "$2" "$3"
    head -3 "$tmp/ours.err" | sed 's/^/  /'
  fi
}

while IFS= read -r line; do
  case $line in '#'* | '') continue ;; esac
  # Paths in the answers differ only by the folder; the line break after JSON is newer than Debian's Nix.
  want=$(in_store nix "/usr/bin/nix-instantiate $line" | sed "s|$tmp/nix|HERE|g; s|\(.\)exit \([0-9]*\)$|\1\nexit \2|")
  got=$(in_store ours "$ours $line" | sed "s|$tmp/ours|HERE|g")
  check "$line" "$want" "$got"
done < "$tmp/nix/cases"

# answer COMMAND-LINE WANT: what newer Nix answers.
answer() { check "$1" "$2" "$(in_store ours "$ours $1")"; }
answer "--eval --raw -E '\"abc\"'" "abcexit 0"
answer "--eval --json -A x -A y a.nix" $'1\n"d"\nexit 0'
answer "--eval --json a.nix -A a" "exit 1"
answer "--eval -E '{ a = 1; b = [ 1 ]; c = { }; d = [ ]; e = x: x; }'" '{ a = 1; b = <CODE>; c = <CODE>; d = [ ]; e = <CODE>; }
exit 0'
answer "--version | head -c 15" "nix-instantiateexit 0"
answer "--eval --max-call-depth 100 -E 'let f = n: if n == 0 then 0 else 1 + f (n - 1); in f 200'" "exit 1"
answer "--eval --arg x 'builtins.trace \"once\" 1' -E '{ x }: { a = x; b = x; }' -A a -A b" $'1\n1\nexit 0'
check "an argument is evaluated once" 1 "$(grep -c once "$tmp/ours.err")"
answer "--eval --store $tmp/elsewhere --read-write-mode -E '\"\${./b.nix}\"' | grep -c b.nix" $'1\nexit 0'

echo "$passed passed, $failed failed"
echo "$passed $failed 0" > "${KERNIX_REPORT:-/dev/null}"
[ "$failed" = 0 ]
