# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the tests with faults: prepares an operation (what a run without a fault makes of its state), and judges a run with one.
# Kinds of problems: lost (what was valid is gone or damaged), wrong (registered though it is not so), false (exit 0 though not done),
# left (processes, mounts, files), next (the next run does not finish well), other (crashed, hung).
# shellcheck shell=bash disable=SC2034
KINDS="lost wrong false left next other"

server='' own_base=''
at_exit() {
  cd /
  [ -z "$server" ] || kill "$server" 2>/dev/null
  [ -z "$own_base" ] || remove "$own_base"
}
trap at_exit EXIT
own_base_make() { # NAME
  own_base=$(mktemp -d "$(faults_tmp)/kernix-$1.XXXXXX")
  base=$own_base
  chmod 711 "$base"
}
prepare() { # OPERATION: its state, its command, and what a run without a fault makes of it
  op=$1 W=$base/$1 output=yes rows_differ=no must_fail=no server='' beside='' loader=''
  mkdir -p "$W"
  : >"$W/rows.more"
  case $op in *:*)
    TMPDIR=$W . "$KERNIX_SRC/tests/boot/lib.sh"
    trap at_exit EXIT
    . "$KERNIX_SRC/tests/faults/operations-boot.sh"
    ;;
  esac
  work_in "$W"
  "setup_${op%:*}" "${op#*:}" >"$W/setup.log" 2>&1
  rm -f out err
  sync_rows before
  [ -z "$loader" ] || boot_remember before
  snapshot
  beside
  attempt -o "$W/report" count 0
  golden=$status
  case $must_fail,$golden in no,0 | yes,[!0]*) ;; *) bad_state "status $golden without a fault: $(tail -n 2 err)" ;; esac
  finish_beside || bad_state "what runs beside fails without a fault: $(tail -n 2 "$D/beside.out")"
  cp out "$W/out.after"
  profile_links >"$W/links.after"
  [ -z "$loader" ] || boot_remember after
  sync_rows after
  comm -12 "$W/rows.before" "$W/rows.after" >"$W/rows.keep"
  sort -u "$W/rows.before" "$W/rows.after" "$W/rows.more" >"$W/rows.all"
  "$bin/nix-store" --gc >"$W/gc.log" 2>&1 || bad_state "collecting fails without a fault: $(tail -n 1 "$W/gc.log")"
  sync_rows gc
  names >"$W/names.gc"
  [ -s "$W/rows.keep" ] || bad_state "nothing is valid: $(tail -n 3 "$W/setup.log" "$D/err")"
}
bad_state() {
  echo "FAILED: $op: $1"
  exit 1
}
sync_rows() { rows >"$W/rows.$1"; }
attempt() { # [OPTION...] FAULT N: the command with a fault
  local in=/dev/null
  [ ! -e in ] || in=in
  (
    [ -z "$loader" ] || unset NIX_REMOTE
    exec "$inject" -t 60 "$@" "${cmd[@]}"
  ) >out 2>err <$in
  status=$?
}
finish_beside() { [ -z "$beside" ] || { wait "$beside"; local s=$?; beside=''; [ $s = 0 ]; }; }
# How the state is kept and put back (power.sh has its own of these two).
snapshot() { cp -a "$D" "$S"; }
restore() {
  rm -rf "$D" 2>/dev/null || remove "$D"
  cp -a "$S" "$D"
  cd "$D" || exit 1
}
problem() { # KIND TEXT
  kinds=$kinds\ $1
  texts=$texts$'\n'"    $1: ${2:0:300}"
}
# What must be true whatever happened.
check_state() {
  local text
  [ -z "$left" ] || problem left "processes: $left"
  [ "$hung" = 0 ] || problem other "it hung"
  case $status in 132 | 134 | 135 | 136 | 139) problem other "it crashed with status $status: $(tail -n 1 err)" ;; esac
  verify_ours >"$W/verify" 2>&1 || problem lost "our verify: $(grep -vE '^(checking|reading)' "$W/verify" | tail -n 2)"
  sync_rows now
  text=$(comm -13 "$W/rows.now" "$W/rows.keep") && [ -z "$text" ] || problem lost "no longer valid: $text"
  text=$(comm -23 "$W/rows.now" "$W/rows.all") && [ -z "$text" ] || problem wrong "registered: $text"
  if [ -n "$text" ] || [ $((runs % NIX_EVERY)) = 0 ]; then
    text=$(verify_nix) || problem lost "Nix's verify: $text"
  fi
  [ "$(type -t "holds_${op%:*}")" != function ] || { text=$("holds_${op%:*}" 2>&1) && [ -z "$text" ]; } || problem lost "$text"
}
check_success() {
  local text
  if [ "$golden" != 0 ]; then problem false "it must not succeed"; return; fi
  [ $output = no ] || cmp -s out "$W/out.after" || problem false "it printed something else: $(diff "$W/out.after" out | head -n 3)"
  [ $rows_differ = yes ] || text=$(diff "$W/rows.after" "$W/rows.now") || problem false "rows: $text"
}
check_next() {
  attempt count 0 2>/dev/null
  # What is done already need not be done again: deleting a second time is an error, as with Nix.
  [ $status = "$golden" ] || { [ "$op" = delete ] && cmp -s "$W/rows.now" "$W/rows.after"; } || problem next "the same command again has status $status: $(grep . err | tail -n 2)"
  [ $output = no ] || cmp -s out "$W/out.after" || problem next "the same command again prints something else: $(head -n 2 out)"
}
check_end() { # KIND: what a missing file is
  local text
  "$bin/nix-store" --gc >"$W/gc.log" 2>&1 || problem next "collecting: $(tail -n 1 "$W/gc.log")"
  sync_rows now
  text=$(diff "$W/rows.gc" "$W/rows.now") || problem "$1" "rows at the end: $text"
  names >"$W/names.now"
  text=$(comm -13 "$W/names.gc" "$W/names.now") && [ -z "$text" ] || problem left "$text"
  text=$(comm -23 "$W/names.gc" "$W/names.now") && [ -z "$text" ] || problem "$1" "not there at the end: $text"
  text=$(mounts) && problem left "mounts: $text"
}
profile_links() { find "$D" -path '*/profiles/*' -type l -printf '%P %l\n' | sort; }
ended_but_for_exit() {
  [ "$status" = 137 ] || return 1
  [ "$hit" != exit_group ] || return 0
  # A rollback is over when its note is gone.
  case $op in *rollback*) [ -z "$(find "$D" -name '*.rollback')" ] && profile_links | cmp -s - "$W/links.after" ;; *) return 1 ;; esac
}
one() { # FAULT N: 1 when there are less than N such calls
  local calls hit hung left again kinds='' texts='' first
  restore
  beside
  attempt -o "$W/report" "$1" "$2"
  read -r calls hit status hung left <"$W/report"
  calls=${calls#*=} hit=${hit#*=} status=${status#*=} hung=${hung#*=} left=${left#*=}
  finish_beside || problem lost "what ran beside failed: $(tail -n 2 beside.out)"
  [ "$hit" != none ] || return 1
  # Killed at its very end, when all has to be done: nobody could tell it from one that has ended.
  ! ended_but_for_exit || status=0
  runs=$((runs + 1)) first=$status
  case $1 in kill*) kills=$((kills + 1)) ;; *) fails=$((fails + 1)) ;; esac
  [ -z "$verbose" ] || { echo "hit: $hit, status $status"; cat err; }
  check_state
  if [ "$status" = 0 ]; then check_success; else check_next; fi
  check_end "$([ "$first" = 0 ] && echo false || echo next)"
  [ -n "$kinds" ] || return 0
  tally
  echo "FAILED ($hit, status $first): tests/faults/run.sh --case $op $1 $2$texts"
}
tally() {
  local kind
  bad=$((bad + 1))
  for kind in lost wrong false left next other; do case "$kinds " in *" $kind "*) n_kind[$kind]=$((n_kind[$kind] + 1)) ;; esac; done
}
tally_clear() {
  declare -gA n_kind=([lost]=0 [wrong]=0 [false]=0 [left]=0 [next]=0 [other]=0)
  kills=0 fails=0 runs=0 bad=0 verbose=''
}
out_of_time() { [ "$LIMIT" != 0 ] && [ "$EPOCHSECONDS" -gt "$DEADLINE" ]; }
line_write() { # NAME NUMBER NUMBER: the operation's line of the table
  local kind
  {
    printf '%s|%d|%d|%d' "$1" "$2" "$3" "$bad"
    for kind in $KINDS; do printf '|%d' "${n_kind[$kind]}"; done
    echo
  } >"$W/line"
}
table() { # HEADING OPERATION...: sets total and failed
  local form='%-34s %7s %7s %7s %6s %6s %6s %6s %6s %6s\n' line op sums=(0 0 0 0 0 0 0 0 0) i
  # shellcheck disable=SC2059,SC2086
  printf "$form" operation $1 failed $KINDS
  shift
  for op; do
    if ! { IFS='|' read -ra line <"$base/$op/line"; } 2>/dev/null; then
      printf '%-34s did not finish\n' "$op"
      unfinished=$((unfinished + 1))
      continue
    fi
    # shellcheck disable=SC2059
    printf "$form" "${line[@]}"
    for i in 0 1 2 3 4 5 6 7 8; do sums[i]=$((sums[i] + line[i + 1])); done
  done
  # shellcheck disable=SC2059
  printf "$form" all "${sums[@]}"
  echo "lost: what was valid is gone or damaged, or a menu; wrong: registered though it is not so; false: exit 0 though it is not done;"
  echo "left: processes, files, mounts; next: the next run does not finish well; other: it crashed or hung"
  total=$((sums[0] + sums[1])) failed=${sums[2]}
}
summary() {
  [ -z "${KERNIX_REPORT:-}" ] || echo "$((total - failed)) $((failed + unfinished)) 0" >"$KERNIX_REPORT"
  echo "$((total - failed)) passed, $((failed + unfinished)) failed"
  [ "$failed" = 0 ] && [ $unfinished = 0 ]
}
