#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kill -9 at any moment leaves the old state or the new: adding, importing, optimising and collecting are killed at many moments;
# after each the store verifies with both tools, and at the end the work is done and no garbage stays.
. "$(dirname "$0")/lib.sh"

S=$T/r
mkdir -p "$T/tree"
for i in $(seq 1 400); do
  mkdir -p "$T/tree/d$((i % 20))"
  seq "$i" $((i + 300)) >"$T/tree/d$((i % 20))/f$i"
done
cp -a "$T/tree" "$T/tree2" && echo x >"$T/tree2/x"
echo text >"$T/text"
text=$(ours "$S" --add "$T/text")
ours "$T/from" --add "$T/tree2" >/dev/null
# shellcheck disable=SC2046
ours "$T/from" --export $(ours "$T/from" -q --resolve "$(ours "$T/from" --gc --print-dead 2>/dev/null)") >"$T/export"

work() {
  case $1 in
    add) ours "$S" --add "$T/tree" ;;
    import) ours "$S" --import <"$T/export" ;;
    optimise) ours "$S" --optimise ;;
    gc) ours "$S" --gc ;;
  esac
}
export -f work ours
export S T
killed=0
for round in $(seq 1 6); do
  for op in add import optimise gc; do
    setsid bash -c "work $op" >/dev/null 2>&1 &
    pid=$!
    sleep 0.0$((RANDOM % 9))$((RANDOM % 10))
    kill -9 -- -$pid 2>/dev/null && killed=$((killed + 1))
    wait $pid 2>/dev/null
    ours "$S" --verify --check-contents >"$T/v" 2>&1 || fail "round $round: after a killed $op: $(tail -n 3 "$T/v")"
  done
done
[ $killed -gt 5 ] && pass "killed $killed times" || fail "only $killed were killed while they ran"
ok "Nix verifies" nix "$S" --verify --check-contents
ok "add" ours "$S" --add "$T/tree"
ok "import" ours "$S" --import <"$T/export"
ok "optimise" ours "$S" --optimise
ok "Nix verifies what was made at last" nix "$S" --verify --check-contents
ok "gc" ours "$S" --gc
same "nothing is left" "$(ls -A "$S/nix/store")" ".links"
same "nor in .links" "$(ls -A "$S/nix/store/.links")" ""
same "nor temporary roots" "$(ls -A "$S/nix/var/nix/temproots")" ""
same "nor rows" "$(nix "$S" --dump-db)" ""
: "$text"
exit $failed
