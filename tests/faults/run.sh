#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Faults on purpose: each operation (operations.sh) is killed at every Nth system call in turn, and runs with every Nth call failing in turn.
#   run.sh [--short] [OPERATION...]         all, with the table at the end; --short is the part that belongs to make test
#   run.sh --case OPERATION FAULT N         one case again, with everything it says
# Variables: COUNT (so many places of an operation and fault at the most, 0: all), LIMIT (seconds for all of it), JOBS, FAULTS, FAULTS_TMP, NIX_EVERY.
# After each: our verify and Nix's (every NIX_EVERY-th time) find nothing, what was valid before and is to be valid after is there, nothing else was
# registered, exit 0 means that the state is that of a run without a fault, and after an error the same command finishes well; then the
# collector runs, and folder and database are those of a run without a fault: nothing lost, nothing left.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
. "$here/operations.sh"

NIX_EVERY=${NIX_EVERY:-10} COUNT=${COUNT:-0} LIMIT=${LIMIT:-0} JOBS=${JOBS:-$(nproc)}
FAULTS=${FAULTS:-kill kill-main EIO ENOSPC ENOSPC+ EMFILE EMFILE+ EINTR ENOMEM EACCES short short+}
. "$here/judge.sh"

sweep() { # FAULT
  local calls step n
  restore
  beside
  attempt -o "$W/report" "$1" 0
  finish_beside
  read -r calls _ <"$W/report"
  calls=${calls#*=} step=1
  [ "$COUNT" = 0 ] || [ "$calls" -le "$COUNT" ] || step=$(((calls + COUNT - 1) / COUNT))
  for ((n = 1 + (step - 1) * (RANDOM_OFFSET % 7) / 7; n <= calls; n += step)); do
    if out_of_time; then
      stopped=yes
      return
    fi
    one "$1" "$n" || break
  done
}
operation() { # OPERATION: its line of the table in $base/OPERATION/line
  local fault
  stopped=''
  tally_clear
  prepare "$1"
  RANDOM_OFFSET=${#1}
  for fault in $FAULTS; do
    RANDOM_OFFSET=$((RANDOM_OFFSET + 3))
    sweep "$fault"
  done
  line_write "$1" $kills $fails
  [ -n "${FAULTS_SHORT:-}" ] || echo "$1: $kills kills, $fails failing calls, $bad failed, $SECONDS s"
  [ -z "$stopped" ] || echo "$1: stopped by LIMIT=$LIMIT"
  cd / && remove "$D" "$S"
}
case ${1:-} in
  --short) # small enough for make test
    shift
    export FAULTS_SHORT=yes
    COUNT=${SHORT_COUNT:-2} LIMIT=${SHORT_LIMIT:-60} FAULTS="kill EIO ENOSPC EMFILE"
    ;;
esac
command -v sqlite3 >/dev/null && [ -n "$real_nix" ] && [ -x "$inject" ] || { echo "SKIP: needs sqlite3, Debian's nix-bin and x86_64"; exit 77; }
case ${1:-} in --operation | --case) alone "$@" ;; esac
base=${FAULTS_BASE:-}
if [ "${1:-}" = --operation ]; then # called by itself
  operation "$2"
  exit 0
fi
own_base_make faults
if [ "${1:-}" = --case ]; then
  tally_clear
  verbose=yes NIX_EVERY=1
  prepare "$2"
  one "$3" "$4" || { echo "there are not that many such calls"; exit 1; }
  [ $bad = 0 ] && echo "ok: $2 $3 $4"
  exit
fi
[ $# -gt 0 ] || read -ra list <<<"$(echo $OPERATIONS)"
[ $# = 0 ] || list=("$@")
export FAULTS_BASE=$base DEADLINE=$((EPOCHSECONDS + LIMIT)) COUNT LIMIT FAULTS NIX_EVERY
unfinished=0
printf '%s\n' "${list[@]}" | xargs -P "$JOBS" -n 1 "$here/run.sh" --operation 2>&1 | tee "$base/said"
table "kills fails" "${list[@]}"
summary
