#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tests/run.sh with tables of its own: two suites at a time, those that must be alone are, nothing is lost, and the report is in the table's order.
set -u
cd "$KERNIX_SRC" || exit 1
. tests/cmd/lib.sh
mkdir -p "$work/build"
log=$work/events
run() { # ROW...: runs them; the report is in $work/report, who was there when another began in $log
  : >"$log"
  printf '%s\n' "$@" >"$work/table"
  KERNIX_SUITES_TABLE=$work/table KERNIX_JOBS=${jobs:-2} timeout 60 tests/run.sh "$work/build" >"$work/report" 2>/dev/null
}
# A suite that notes what runs while it begins and lasts a moment: PLACE [SECONDS [STATUS]].
suite() { echo "cd $work; touch on-$1; echo \$(ls | grep '^on-') >>events; sleep ${2:-0.3}; rm on-$1; exit ${3:-0}"; }
together() { grep -q "on-$1.*on-$2" "$log"; }
order() { awk '/ passed +[0-9]+ failed/ { printf "%s ", $1 }' "$work/report"; }

run "b||9|$(suite b 1)" "a||9|$(suite a 0.1)" "c|x|9|$(suite c)" "d||9|$(suite d)"
check 'two at a time' eval 'together a b || together b a'
check 'and no more' test "$(awk 'NF > 2' "$log")" = ''
check "told in the table's order" test "$(order)" = 'b a c d '
check 'the sum' test "$(tail -n 1 "$work/report")" = '4 passed, 0 failed'
run "a||9|$(suite a)" "b|x,alone|9|$(suite b)" "c||9|$(suite c)" "d||9|$(suite d)"
check 'one that must be alone is' grep -qx on-b "$log"
check 'those behind it wait' eval 'test "$(grep -n on-b "$log" | cut -d: -f1)" = 2 && ! together b c && ! together c b'
run "a|+user|9|$(suite a 0.8)" "b|+user|9|$(suite b)" "c||9|$(suite c)"
check 'two of one thing are not at once' eval '! together a b && ! together b a'
check 'another goes before in the meantime' eval 'together a c && test "$(order)" = "a b c "'
jobs=1 run "a||9|$(suite a)" "b||9|$(suite b)"
check 'one at a time if asked' test "$(cat "$log")" = $'on-a\non-b'

run "good||9|true" "bad||9|echo why; exit 3" "none||9|echo no machine; exit 77" "many||9|echo 5 1 2 >\$KERNIX_REPORT; exit 1" "slow||1|sleep 30" \
  "lies||9|echo 4 0 0 >\$KERNIX_REPORT; exit 1" "last||9|true"
check 'the counts' test "$(tail -n 1 "$work/report")" = '11 passed, 4 failed, 3 skipped'
check 'which they are' grep -qx 'failed suites: bad many slow lies' "$work/report"
check 'with their words' grep -qx '    why' "$work/report"
check 'and a limit that passed' grep -q 'timed out after 1 s' "$work/report"
check 'why one is skipped' grep -q '^none .*skipped: no machine$' "$work/report"
run "a||9|touch \$TMPDIR/mine; ls \$TMPDIR" "b||9|touch \$TMPDIR/its; ls \$TMPDIR" "c||9|trap 'exit 0' INT; kill -INT \$\$; sleep 1; exit 1"
check 'a folder for each' test "$(cat "$work"/build/test-logs/{a,b}.log | paste -sd.)" = mine.its
check 'SIGINT is not ignored' test "$(tail -n 1 "$work/report")" = '3 passed, 0 failed'
# Many that end at the same moment.
mapfile -t rows < <(for i in $(seq 60); do echo "s$i||9|exit $((i % 4 == 0))"; done)
run "${rows[@]}"
check 'of many none is lost' test "$(tail -n 1 "$work/report")" = '45 passed, 15 failed'
check 'nor out of its place' test "$(order)" = "$(seq -f 's%.0f' 60 | paste -sd' ') "

# Stopped from outside, no suite goes on.
printf '%s\n' "a||60|echo \$\$ >$work/pid; sleep 50 & wait" >"$work/table"
KERNIX_SUITES_TABLE=$work/table tests/run.sh "$work/build" >/dev/null 2>&1 &
runner=$!
for _ in $(seq 100); do [ ! -s "$work/pid" ] || break; sleep 0.05; done
kill "$runner"
wait "$runner"
check 'ended by a signal' test $? = 1
for _ in $(seq 40); do kill -0 "$(cat "$work/pid")" 2>/dev/null || break; sleep 0.05; done
check 'its suites end, too' eval '! kill -0 "$(cat "$work/pid")" 2>/dev/null'
finish
