#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Compares nixpkgs/lib with what nixpkgs' own lib answers (oracle/cases.jsonl) and with what we want of it besides,
# error messages above all (own.jsonl, in the same format), under any evaluator that takes
# `--eval --strict --json FILE` as nix-instantiate does. Usage: run.sh [EVALUATOR] [--only REGEX] [--lib DIR].
# Cases that succeed are evaluated in batches, and a batch that fails is halved until the culprit is alone; cases
# that must fail run alone, and their message must name what the oracle's `mentions` lists. Known differences are in
# known.txt (`ID reason`): such a case must differ, any other must not. Exit 0 only if both hold.
set -u
here=$(cd "$(dirname "$0")" && pwd)
evaluator=nix-instantiate only=. lib=$here/../../nixpkgs/lib jobs=${JOBS:-2}
while [ $# -gt 0 ]; do
  case $1 in
    --only) only=$2; shift 2 ;;
    --lib) lib=$2; shift 2 ;;
    -*) echo "usage: run.sh [EVALUATOR] [--only REGEX] [--lib DIR]" >&2; exit 2 ;;
    *) evaluator=$1; shift ;;
  esac
done
case $evaluator in */*) evaluator=$(cd "$(dirname "$evaluator")" && pwd)/$(basename "$evaluator") ;; esac
lib=$(cd "$lib" && pwd)
tmp=$(mktemp -d "${TMPDIR:-/tmp}/kernix-lib-test.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
export evaluator tmp
unset NIX_PATH
export NIX_REMOTE=${LIB_TEST_STORE:-dummy://} NIX_STORE_DIR=/nix/store

# The expressions name fixtures as ./x, so the files that hold them lie among copies of the fixtures.
cp -r "$here/oracle/fixtures/." "$tmp/"
jq -c --arg only "$only" 'select(.id | test($only))' "$here/oracle/cases.jsonl" "$here/own.jsonl" > "$tmp/cases"
jq -r --arg lib "$lib" 'select(.exit == 0) | "\(.id)\tlet lib = import \($lib); in \(.expr)" | @json' \
  "$tmp/cases" > "$tmp/good"

# run_batch FILE: FILE has one JSON string "ID<tab>EXPR" a line. Appends "ID<tab>VALUE" lines to FILE.out.
run_batch() {
  local f=$1 n
  n=$(wc -l < "$f")
  { echo '{'
    jq -r 'split("\t") | "  \(.[0] | @json) = builtins.tryEval (builtins.toJSON (\n\(.[1:] | join("\t"))\n));"' "$f"
    echo '}'; } > "$f.nix"
  if timeout 120 "$evaluator" --eval --strict --json "$f.nix" > "$f.json" 2> "$f.err"; then
    jq -r 'to_entries[] | "\(.key)\t\(if .value.success then .value.value else "FAILED: throw" end)"' "$f.json" > "$f.out"
  elif [ "$n" -le 1 ]; then
    jq -r --arg err "$(grep -m1 -a error "$f.err" | head -c 300)" '"\(split("\t")[0])\tFAILED: \($err)"' "$f" > "$f.out"
  else
    head -n $((n / 2)) "$f" > "$f.a"
    tail -n +$((n / 2 + 1)) "$f" > "$f.b"
    run_batch "$f.a"
    run_batch "$f.b"
    cat "$f.a.out" "$f.b.out" > "$f.out"
  fi
}

# run_bad LINE: a case that must fail; prints "ID<tab>ok" or what is wrong.
run_bad() {
  local id expr f
  id=$(jq -r .id <<< "$1")
  expr=$(jq -r .expr <<< "$1")
  f=$tmp/$id.nix
  printf 'let lib = import %s; in %s\n' "$LIB" "$expr" > "$f"
  if timeout 60 "$evaluator" --eval --strict --json "$f" > "$f.json" 2> "$f.err"; then
    printf '%s\tdid not fail: %s\n' "$id" "$(head -c 200 "$f.json")"
    return
  fi
  missing=$(jq -r '.mentions // [] | .[]' <<< "$1" | while read -r m; do
    grep -qaF -- "$m" "$f.err" || printf '%s ' "$m"
  done)
  if [ -n "$missing" ]; then printf '%s\tmessage does not name: %s\n' "$id" "$missing"; else printf '%s\tok\n' "$id"; fi
}
export LIB=$lib
export -f run_batch run_bad

split -l 48 "$tmp/good" "$tmp/batch." 2> /dev/null
ls "$tmp"/batch.* 2> /dev/null | xargs -r -P "$jobs" -I{} bash -c 'run_batch {}'
cat "$tmp"/batch.??.out > "$tmp/good.out" 2> /dev/null
jq -c 'select(.exit == 1)' "$tmp/cases" | tr '\n' '\0' | xargs -0 -r -P "$jobs" -I{} bash -c 'run_bad "$1"' _ {} > "$tmp/bad.out"

jq -r 'select(.exit == 0) | "\(.id)\t\(.value | tojson)"' "$tmp/cases" > "$tmp/want"
jq -Rn --rawfile want "$tmp/want" --rawfile got "$tmp/good.out" -r '
  def rows(s): s | split("\n") | map(select(. != "") | index("\t") as $t | {key: .[0:$t], value: .[$t + 1:]}) | from_entries;
  rows($want) as $w | rows($got) as $g | $w | to_entries[]
  | (.value | fromjson) as $v
  | ($g[.key] // "FAILED: no answer") as $a
  | if ($a | startswith("FAILED:")) then "\(.key)\t\($a)"
    elif ([$a | fromjson] == [$v]) then "\(.key)\tok"
    else "\(.key)\tgot \($a) want \(.value)" end' > "$tmp/good.res"
cat "$tmp/good.res" "$tmp/bad.out" | sort > "$tmp/res"

awk -F'\t' -v known="$here/known.txt" -v report="${KERNIX_REPORT:-/dev/null}" '
  BEGIN { while ((getline l < known) > 0) if (l !~ /^(#|$)/) { split(l, w, " "); why[w[1]] = l } }
  $2 == "ok" && ($1 in why) { print "now passes, take it out of known.txt: " $1; passed++; bad++; next }
  $2 == "ok" { passed++; next }
  { failed++ }
  $1 in why { next }
  { print "FAIL " $1 ": " substr($2, 1, 600); bad++ }
  END { printf "%d passed, %d failed", passed, failed
        if (failed) printf " (%d not known)", bad
        print ""; print passed + 0, bad + 0, failed - bad > report; exit bad > 0 }' "$tmp/res"
