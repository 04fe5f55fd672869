#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the fuzz targets with clang-14 and runs one: tests/fuzz/fuzz.sh parse|eval|format SECONDS. New inputs go to build-fuzz/corpus-NAME;
# findings (crash-*, timeout-*) to build-fuzz. FUZZ_TIMEOUT: seconds for one input, more on a busy machine. Needs clang-14 and libclang-rt-14-dev.
set -e
name=$1 seconds=${2:-600}
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top"
[ -d build-fuzz ] || CC=clang-14 meson setup build-fuzz -Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1 -Dbuildtype=debug \
	-Dc_args=-fsanitize=fuzzer-no-link >/dev/null
ninja -C build-fuzz "tests/fuzz/fuzz-$name" >/dev/null
mkdir -p "build-fuzz/corpus-$name"
cd build-fuzz
exec "tests/fuzz/fuzz-$name" -max_total_time="$seconds" -max_len=4096 -timeout="${FUZZ_TIMEOUT:-20}" -rss_limit_mb=3000 -detect_leaks=0 \
	-dict=../tests/fuzz/nix.dict "corpus-$name" "../tests/fuzz/corpus-$name"
