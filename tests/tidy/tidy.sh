#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The measurable part of doc/style.md as a failing test: layer table, lengths, banned calls, licence and purpose lines.
# Exceptions are rows of tests/tidy/exceptions: 'FILE:FUNCTION why'.
set -u
cd "$(dirname "$0")/../.." || exit 1
bad=0
complain() {
  echo "tidy: $*"
  bad=$((bad + 1))
}

declare -A may=(
  [base]="base" [expr]="base expr" [store]="base store" [kconfig]="base kconfig" [build]="base store build" [cache]="base store build cache" [boot]="base store boot stage1 boottest" [boottest]="boottest"
  [glue]="base expr store build kconfig boot glue" [cmd]="base expr store build cache kconfig boot glue cmd" [stage1]="stage1"
)
check_layers() {
  local f folder inc
  for f in $(git ls-files 'src/*.[ch]'); do
    folder=${f#src/}
    folder=${folder%%/*}
    for inc in $(sed -n 's/^#include "\([a-z0-9]*\)\/.*/\1/p' "$f" | sort -u); do
      case " ${may[$folder]:-} " in *" $inc "*) ;; *) complain "$f: layer '$folder' may not include '$inc/'" ;; esac
    done
  done
}

# Libraries with one owner: header -> the one file that may include it.
check_owners() {
  local row header owner f
  for row in sqlite3.h=src/store/db curl/curl.h=src/build/fetch-curl libkmod.h=src/boot/modclosure; do
    header=${row%%=*} owner=${row#*=}
    for f in $(git grep -lF "#include <$header>" -- src); do
      case $f in "$owner"*) ;; *) complain "$f: only $owner*.c includes <$header>" ;; esac
    done
  done
}

check_lengths() {
  local f n
  for f in $(git ls-files '*.c' '*.h' '*.nix' '*.sh'); do
    case $f in tests/*/oracle/* | tests/*/corpus*) continue ;; esac
    n=$(wc -l <"$f")
    [ "$n" -le 1000 ] || complain "$f: $n lines, 1000 at the most"
  done
  for f in $(git ls-files 'src/*.h'); do
    n=$(wc -l <"$f")
    [ "$n" -le 170 ] || complain "$f: header of $n lines, about 150 at the most"
    grep -q '^#pragma once' "$f" || complain "$f: no #pragma once"
  done
}

check_functions() {
  git ls-files 'src/*.c' 'tests/*.c' | xargs awk '
    FNR == 1 { open = 0 }
    /^[a-zA-Z_].*\(/ && !/;$/ { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
    /^\{/ { open = FNR }
    /^\}/ { if (open && FNR - open - 1 > 70) printf "%s:%s %d\n", FILENAME, name, FNR - open - 1; open = 0 }' |
    while read -r where lines; do
      grep -q "^$where " tests/tidy/exceptions || echo "$where: function of $lines lines, 70 at the most"
    done
}

check_words() {
  local banned='(^|[^a-z_0-9>.])(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|atoll)[ ]*\('
  local f
  for f in $(git ls-files 'src/*.[ch]' 'tests/*.[ch]'); do
    grep -nE "$banned" "$f" | grep -v '^[0-9]*:[ \t]*//' | while read -r hit; do echo "$f: banned call: $hit"; done
  done
}

# Where something is deleted or overwritten by the answer, 'no' must not be an error: fs_lstat_maybe and its kin, not fs_exists.
# Left are looks that only choose a message or a call which fails by itself.
check_questions() {
  local f
  for f in $(git grep -lE '\<fs_(exists|is_dir)\(' -- src/store src/boot src/build); do
    case $f in src/store/db.c | src/store/store-open.c | src/store/nar-restore.c | src/build/builtin-git.c) continue ;; esac
    complain "$f: fs_exists and fs_is_dir take an error for 'no' (base/fs.h)"
  done
}

check_heads() {
  local f
  for f in $(git ls-files 'src/*.[ch]' 'tests/*.c' 'nixpkgs/*.nix' '*.sh' '*/meson.build'); do
    case $f in tests/*/oracle/* | tests/*/corpus* | tests/*/cases/* | tests/wiki/*/*.nix | tests/wiki/*/*.c | tests/lang/*.nix) continue ;; esac
    head -n 2 "$f" | grep -q 'SPDX-License-Identifier: GPL-2.0-or-later' || complain "$f: no SPDX line at its head"
    sed -n '2,4p' "$f" | grep -qE '^(//|#|/\*| \*) ?[^ ]' || complain "$f: no purpose line below the SPDX line"
  done
}

check_layers
check_owners
check_lengths
check_heads
check_questions
while read -r line; do
  [ -z "$line" ] || complain "$line"
done < <(check_functions; check_words)
[ $bad = 0 ] && echo "tidy: clean ($(git ls-files 'src/*.[ch]' | wc -l) files of src)"
[ $bad = 0 ]
