#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Requests and pairs of them, drawn from a tree and judged by the kernel's own conf: each verdict is conf's, each fix makes all requests hold at once,
# and what is said to be impossible holds in no configuration that is tried. pairs.sh [VERSION ARCH BASE COUNT SEED]...; without arguments a short
# run, as part of make test.
# shellcheck source=tests/kconfig/lib.sh
. "$(dirname "$0")/lib.sh"
[ $# -gt 0 ] || set -- 6.12 x86_64 x86_64_defconfig 10 1 7.2 x86_64 x86_64_defconfig 10 2 6.1 x86_64 x86_64_defconfig 5 3
export FAST_CONF=1
passed=0 failed=0 skipped=0
while [ $# -ge 5 ]; do
  s=$(tree "$1")
  case $? in 0) ;; 77) skipped=$((skipped + 1)) && shift 5 && continue ;; *) exit 1 ;; esac
  conf=$(conf_of "$1") || exit 1
  environment "$s" "$2"
  echo "linux $1, $2, $3, seed $5:"
  if "${ENVIRON[@]}" "TMPDIR=${TMPDIR:-/tmp}" "$(realpath "$KERNIX_BUILD")/tests/kconfig/pairs" "$s" "$2" "$3" "$4" "$5" "$conf" ${VERBOSE:+-v}; then
    passed=$((passed + 1))
  else failed=$((failed + 1)); fi
  shift 5
done
echo "$passed $failed $skipped" >"${KERNIX_REPORT:-/dev/null}"
[ $failed = 0 ]
