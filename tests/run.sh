#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs the suites of tests/suites, two at a time, and ends with the line 'N passed, N failed[, N skipped]'; what it prints is in the table's order.
# run.sh BUILD [TAG]: with TAG only the suites that carry it. A suite is a command; exit 0 passed, 77 skipped (its last line says why), else
# failed. Of a suite tagged table the rows (NN-...) are printed. A suite of many cases writes its own counts 'PASSED FAILED SKIPPED' to $KERNIX_REPORT.
# KERNIX_JOBS=1 runs one after the other; KERNIX_SUITES_TABLE is another table.
set -u
cd "$(dirname "$0")/.." || exit 1
build=$(realpath "$1")
tag=${2:-}
table=${KERNIX_SUITES_TABLE:-tests/suites}
jobs=${KERNIX_JOBS:-2}
logs=$build/test-logs
mkdir -p "$logs"
export PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
export KERNIX_BUILD=$build KERNIX_SRC=$PWD LC_ALL=C.UTF-8
unset NIX_PATH NIX_REMOTE NIX_STORE_DIR NIX_STATE_DIR NIX_CONF_DIR
passed=0 failed=0 skipped=0 failures=()
work=$(mktemp -d /tmp/kernix-tests.XXXXXX)
chmod 711 "$work" # tests that become another user must reach what is theirs below it
running=()
trap 'chmod -R u+w "$work" 2>/dev/null; rm -rf "$work"' EXIT
trap '[ ${#running[@]} = 0 ] || kill "${running[@]}" 2>/dev/null; exit 1' INT TERM # timeout hands it on
export TMPDIR=$work

count() { # NAME STATUS REPORT LOG SECONDS
  local p=0 f=0 s=0 word=passed
  if [ -s "$3" ]; then
    read -r p f s <"$3"
    [ "$2" = 0 ] || [ "$f" != 0 ] || f=1
  elif [ "$2" = 0 ]; then p=1; elif [ "$2" = 77 ]; then s=1; else f=1; fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  if [ "$f" != 0 ]; then
    word=FAILED
    failures+=("$1")
  elif [ "$p" = 0 ]; then word="skipped: $(tail -n 1 "$4")"; fi
  printf '%-28s %5s passed %4s failed %3s skipped  %4ss  %s\n' "$1" "$p" "$f" "$s" "$5" "$word"
  [ "$f" = 0 ] || { sed 's/^/    /' "$4" | tail -n 40; }
}

# A suite has a TMPDIR of its own, gone when it ends: what it leaves there is nobody else's.
start_suite() { # ROW
  local log=$logs/${names[$1]}.log
  mkdir -m 711 "$work/$1" # tests that become another user must reach what is theirs below it
  began[$1]=$SECONDS
  printf '%s: running ...\r' "${names[$1]}" >&2
  # A shell lets what runs beside it ignore SIGINT, which suites send.
  TMPDIR=$work/$1 KERNIX_REPORT=$work/$1.report \
    env --default-signal=INT,QUIT timeout -k 10 "${limits[$1]}" bash -c "${commands[$1]}" >"$log" 2>&1 </dev/null &
  running[$1]=$!
}

end_suite() { # ROW STATUS
  status_of[$1]=$2
  took[$1]=$((SECONDS - began[$1]))
  unset "running[$1]"
  [ "$2" != 124 ] || echo "timed out after ${limits[$1]} s" >>"$logs/${names[$1]}.log"
  chmod -R u+w "$work/$1" 2>/dev/null
  rm -rf "${work:?}/$1"
}

# Whether a row may run beside those that run: neither it nor one of them is tagged alone, and none of them shares a tag +THING with it.
may_start() { # ROW
  local row tag
  [ ${#running[@]} -lt "$jobs" ] || return 1
  for row in "${!running[@]}"; do
    case ",${tags_of[$1]},${tags_of[$row]}," in *,alone,*) return 1 ;; esac
    for tag in ${tags_of[$1]//,/ }; do
      case $tag in +*) case ",${tags_of[$row]}," in *",$tag,"*) return 1 ;; esac ;; esac
    done
  done
}

# Starts what may run now. A row that has to be alone is waited for by all behind it; others of its +THING are by those that share it.
start_some() {
  local row
  for row in "${!waiting[@]}"; do
    if may_start "$row"; then
      unset "waiting[$row]"
      start_suite "$row"
    else
      case ",${tags_of[$row]}," in *,alone,*) return ;; esac
    fi
  done
}

# The results that can be told: those before which nothing is left to wait for.
tell() {
  local name
  while [ -n "${status_of[next]:-}" ]; do
    name=${names[next]}
    count "$name" "${status_of[next]}" "$work/$next.report" "$logs/$name.log" "${took[next]}"
    case ",${tags_of[next]}," in *,table,*) grep '^[0-9][0-9]-' "$logs/$name.log" | sed 's/^/  /' ;; esac
    next=$((next + 1))
  done
}

run_suites() {
  local pid row status
  start_some
  while [ ${#running[@]} -gt 0 ]; do
    wait -n -p pid "${running[@]}"
    status=$?
    for row in "${!running[@]}"; do [ "${running[$row]}" != "$pid" ] || end_suite "$row" $status; done
    tell
    start_some
  done
}

run_unit() {
  local t log
  for t in "$build"/tests/unit/test-*; do
    [ -f "$t" ] && [ -x "$t" ] || continue
    log=$logs/$(basename "$t").log
    SRCDIR=$PWD timeout -k 10 300 "$t" >"$log" 2>&1 </dev/null
    local status=$? p f
    p=$(grep -c '^\[       OK \]' "$log")
    f=$(grep '^\[  FAILED  \] [a-z]' "$log" | sort -u | wc -l)
    [ $status = 0 ] || [ "$f" != 0 ] || f=1
    echo "$p $((status == 0 ? 0 : (f > 0 ? f : 1))) 0" >"$work/report"
    count "unit/$(basename "$t")" $status "$work/report" "$log" 0
  done
}

echo "tests: $build, logs in $logs"
declare -A seen_suites=()
names=() tags_of=() limits=() commands=() waiting=() began=() took=() status_of=() next=0
run_unit
while IFS='|' read -r name tags limit command; do
  case $name in '' | '#'*) continue ;; esac
  [ -z "${seen_suites[$name]:-}" ] || continue # a merge may have doubled a row
  seen_suites[$name]=1
  [ -n "$tag" ] || case ",$tags," in *,extra,*) continue ;; esac
  [ -z "$tag" ] || case ",$tags," in *",$tag,"*) ;; *) continue ;; esac
  waiting[${#names[@]}]=1
  names+=("$name") tags_of+=("$tags") limits+=("$limit") commands+=("$command")
done <"$table"
run_suites
# What failed is said once more at the end: of a long log people see the last lines first.
for name in ${failures[@]+"${failures[@]}"}; do
  echo "failed: $name"
  sed 's/^/    /' "$logs/${name#unit/}.log" | grep -v ' passed ' | tail -n 15
done
[ ${#failures[@]} = 0 ] || echo "failed suites: ${failures[*]}"
line="$passed passed, $failed failed"
[ $skipped = 0 ] || line="$line, $skipped skipped"
echo "$line"
[ $failed = 0 ]
