#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Fuzzing, in three forms:
#   run.sh            each target for FUZZ_SECONDS (1800), at 10 s and 2 GiB an input; a table, and 'N passed, N failed'. FUZZ_TARGETS="json nar":
#                     only these; FUZZ_JOBS=2: two at a time; FUZZ_TIMEOUT=60: for an input, where much else runs. What is found is in
#                     build-fuzz/findings, new inputs are in build-fuzz/corpus-NAME.
#   run.sh --merge [TARGET...]  adds to the corpora in tests/fuzz, of those new inputs, what covers more than they do
#   run.sh --replay   every corpus, by programs with ASan and UBSan: a test, and quick
set -eu
cd "$(dirname "$0")/../.."
top=$PWD
build=$top/build-fuzz
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}

# Files that parsers read and write are below it, in memory where that can be had.
scratch() {
  local base=${TMPDIR:-/tmp}
  [ ! -w /dev/shm ] || base=/dev/shm
  TMPDIR=$(mktemp -d "$base/kernix-fuzz.XXXXXX")
  export TMPDIR
  trap 'chmod -R u+w "$TMPDIR" 2>/dev/null; rm -rf "$TMPDIR"' EXIT
}

# Names of those whose headers are there (tests/fuzz/meson.build asks the same).
targets() {
  local f header
  for f in tests/fuzz/fuzz-*.c; do
    for header in $(sed -n 's/^#include "\([a-z0-9]*\/.*\.h\)".*/\1/p' "$f"); do
      [ -f "src/$header" ] || continue 2
    done
    f=${f#tests/fuzz/fuzz-}
    echo "${f%.c}"
  done
}

# --- replaying ---

# The programs of a build with sanitizers; of any other build they are in a folder of their own below it.
replay_programs() {
  local here=${KERNIX_BUILD:-$top/build}
  if ! ninja -C "$here" -t query fuzz-replays >/dev/null 2>&1; then
    here=$here/fuzz-replay
    [ -f "$here/build.ninja" ] || meson setup "$here" --buildtype=plain -Doptimization=0 -Dwarning_level=0 -Db_sanitize=address,undefined \
      -Dc_args='-g1 -fno-sanitize-recover=undefined' >/dev/null
  fi
  ninja -C "$here" --quiet fuzz-replays >&2 || return 1
  echo "$here/tests/fuzz"
}

replay() {
  local programs name failed=0
  programs=$(replay_programs)
  scratch
  for name in $(targets); do
    printf '%s: ' "$name"
    "$programs/replay-$name" "tests/fuzz/corpus-$name" || failed=1
  done
  return $failed
}

# --- fuzzing ---

fuzz_programs() { # TARGET...
  [ -f "$build/build.ninja" ] || CC=clang-14 meson setup "$build" --buildtype=debug -Doptimization=1 -Dwarning_level=0 -Db_lundef=false \
    -Db_sanitize=address,undefined -Dc_args='-g1 -fsanitize=fuzzer-no-link -fno-sanitize-recover=undefined' >/dev/null
  ninja -C "$build" --quiet "${@/#/tests/fuzz/fuzz-}"
}

dictionary() { # TARGET
  local d
  for d in "tests/fuzz/$1.dict" tests/fuzz/nix.dict; do
    case $d:$1 in *nix.dict:parse | *nix.dict:eval | "tests/fuzz/$1.dict:$1") [ ! -f "$d" ] || { echo "-dict=$d" && return; } ;; esac
  done
}

# Longest input: long ones are slow and seldom show more; these need more for what they are.
longest() {
  case $1 in probe | export | unpack | table) echo 16384 ;; *) echo 4096 ;; esac
}

# One target; its row goes to results/NAME: STATUS and a line of the table.
fuzz_one() { # TARGET
  local name=$1 log=$build/logs/$1.log status=passed began=$SECONDS found
  local args=(-max_total_time="${FUZZ_SECONDS:-1800}" -max_len="$(longest "$name")" -timeout="${FUZZ_TIMEOUT:-10}" -rss_limit_mb=2048 -print_final_stats=1
    -artifact_prefix="$build/findings/$name-")
  mkdir -p "$build/corpus-$name"
  # shellcheck disable=SC2046 # no word, or one
  "$build/tests/fuzz/fuzz-$name" "${args[@]}" $(dictionary "$name") "$build/corpus-$name" "tests/fuzz/corpus-$name" >"$log" 2>&1 </dev/null || status=FAILED
  found=$(grep -o 'Test unit written to .*' "$log" | sed 's/.* //' | tail -n 1) || true
  [ -z "$found" ] || status=FAILED
  awk -v name="$name" -v s=$((SECONDS - began)) -v status="$status" -v found="$found" '
    / cov: / { for (i = 1; i < NF; i++) { if ($i == "cov:") cov = $(i + 1); if ($i == "corp:") corp = $(i + 1) } }
    /stat::number_of_executed_units:/ { runs = $2 }
    /stat::peak_rss_mb:/ { mb = $2 }
    END { sub("/.*", "", corp); printf "%-18s %5d s %10d runs %6d edges %5d inputs %5d MiB  %s %s\n", name, s, runs, cov, corp, mb, status, found }' "$log" |
    tee "$build/results/$name"
}

fuzz() {
  local list
  read -ra list <<<"${FUZZ_TARGETS:-$(targets | tr '\n' ' ')}"
  fuzz_programs "${list[@]}"
  rm -rf "$build/results"
  mkdir -p "$build/logs" "$build/results" "$build/findings"
  scratch
  export -f fuzz_one longest dictionary
  export build
  printf '%s\n' "${list[@]}" | xargs -P "${FUZZ_JOBS:-1}" -I{} bash -c 'fuzz_one {}'
  local failed passed
  failed=$(cat "$build"/results/* | grep -c ' FAILED ' || true)
  passed=$((${#list[@]} - failed))
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ]
}

merge() { # TARGET...
  local list=("$@") name
  [ $# != 0 ] || read -ra list <<<"$(targets | tr '\n' ' ')"
  fuzz_programs "${list[@]}"
  scratch
  for name in "${list[@]}"; do
    [ -d "$build/corpus-$name" ] || continue
    "$build/tests/fuzz/fuzz-$name" -set_cover_merge=1 -max_len="$(longest "$name")" -timeout="${FUZZ_TIMEOUT:-10}" -rss_limit_mb=2048 "tests/fuzz/corpus-$name" "$build/corpus-$name" 2>/dev/null
    echo "$name: $(find "tests/fuzz/corpus-$name" -type f | wc -l) inputs"
  done
}

case ${1:-} in
'') fuzz ;;
--replay) replay ;;
--merge) shift && merge "$@" ;;
*) sed -n '3,8p' "$0" && exit 2 ;;
esac
