#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh TARGET SECONDS: builds a fuzz target with clang's libFuzzer and sanitizers, fuzzes it, and keeps what widened the corpus.
# run.sh --replay: every corpus through its target, as it was built by meson.
set -eu
cd "$(dirname "$0")/../.."
build=${KERNIX_BUILD:-build}
if [ "$1" = --replay ]; then
  for dir in tests/fuzz/corpus-*; do
    name=${dir##*corpus-}
    printf '%s: ' "$name"
    "$build/tests/fuzz/replay-$name" "$dir"
  done
  exit
fi
target=$1 seconds=$2 folders=${FUZZ_FOLDERS:-"base store"}
out=$(mktemp -d /tmp/fuzz.XXXXXX)
trap 'rm -rf "$out"' EXIT
sources=()
for folder in $folders; do sources+=("src/$folder"/*.c); done
clang -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -std=gnu17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -w \
  -DKERNIX_VERSION='"fuzz"' -DKERNIX_SOURCE_DIR='"."' -Isrc "tests/fuzz/fuzz-$target.c" "${sources[@]}" -o "$out/fuzz" \
  -lcrypto -lsqlite3 -ljansson -pthread
mkdir -p "$out/new"
"$out/fuzz" -max_total_time="$seconds" -max_len="${FUZZ_MAX_LEN:-8192}" -rss_limit_mb=2048 -timeout=20 -print_final_stats=1 "$out/new" "tests/fuzz/corpus-$target"
"$out/fuzz" -merge=1 "tests/fuzz/corpus-$target" "$out/new" 2>/dev/null
