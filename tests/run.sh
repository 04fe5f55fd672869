#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs every suite of tests/suites one after the other and ends with the line 'N passed, N failed[, N skipped]'.
# run.sh BUILD [TAG]: with TAG only the suites that carry it. A suite is a command; exit 0 passed, 77 skipped (its last line says why), else
# failed. Of a suite tagged table the rows (NN-...) are printed. A suite of many cases writes its own counts 'PASSED FAILED SKIPPED' to $KERNIX_REPORT.
set -u
cd "$(dirname "$0")/.." || exit 1
build=$(realpath "$1")
tag=${2:-}
logs=$build/test-logs
mkdir -p "$logs"
export PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
export KERNIX_BUILD=$build KERNIX_SRC=$PWD LC_ALL=C.UTF-8
unset NIX_PATH NIX_REMOTE NIX_STORE_DIR NIX_STATE_DIR NIX_CONF_DIR
passed=0 failed=0 skipped=0 failures=()
work=$(mktemp -d /tmp/kernix-tests.XXXXXX)
chmod 711 "$work" # tests that become another user must reach what is theirs below it
trap 'chmod -R u+w "$work" 2>/dev/null; rm -rf "$work"' EXIT
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

run_suite() { # NAME TIMEOUT COMMAND...
  local name=$1 limit=$2 log=$logs/$1.log report=$work/report start=$SECONDS status
  shift 2
  rm -f "$report"
  printf '%s: running ...\r' "$name" >&2
  KERNIX_REPORT=$report timeout -k 10 "$limit" bash -c "$*" >"$log" 2>&1 </dev/null
  status=$?
  [ $status != 124 ] || echo "timed out after $limit s" >>"$log"
  count "$name" $status "$report" "$log" $((SECONDS - start))
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
run_unit
while IFS='|' read -r name tags limit command; do
  case $name in '' | '#'*) continue ;; esac
  [ -z "${seen_suites[$name]:-}" ] || continue # a merge may have doubled a row
  seen_suites[$name]=1
  [ -n "$tag" ] || case ",$tags," in *,extra,*) continue ;; esac
  [ -z "$tag" ] || case ",$tags," in *",$tag,"*) ;; *) continue ;; esac
  run_suite "$name" "$limit" "$command"
  case ",$tags," in *,table,*) grep '^[0-9][0-9]-' "$logs/$name.log" | sed 's/^/  /' ;; esac
done <tests/suites
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
