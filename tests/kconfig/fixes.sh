#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Requests that do not hold, drawn from a tree: 95 of 100 get a fix, each fix holds with the kernel's own conf, nine of ten are not larger than
# needed by more than one. fixes.sh [VERSION ARCH BASE COUNT SEED]...; without arguments a short run, as part of make test.
# shellcheck source=tests/kconfig/lib.sh
. "$(dirname "$0")/lib.sh"
[ $# -gt 0 ] || set -- 6.12 x86_64 x86_64_defconfig 40 1 6.1 arm64 allnoconfig 20 2
passed=0 failed=0
while [ $# -ge 5 ]; do
  s=$(tree "$1") && conf=$(conf_of "$1") || exit
  environment "$s" "$2"
  echo "linux $1, $2, $3, seed $5:"
  if "${ENVIRON[@]}" "TMPDIR=${TMPDIR:-/tmp}" "$(realpath "$KERNIX_BUILD")/tests/kconfig/fixes" "$s" "$2" "$3" "$4" "$5" "$conf" "${TRIES:-1000}" ${VERBOSE:+-v}; then
    passed=$((passed + 1))
  else failed=$((failed + 1)); fi
  shift 5
done
echo "$passed $failed 0" >"${KERNIX_REPORT:-/dev/null}"
[ $failed = 0 ]
