#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make test-faults: every operation with every fault at every place, then the power cuts; says how long it took and ends with the line
# 'N passed, N failed'. The variables of run.sh and power.sh hold (LIMIT: seconds for each of the two). --short is the part of make test.
here=$(cd "$(dirname "$0")" && pwd)
reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT
start=$SECONDS
echo "kills and failing system calls"
KERNIX_REPORT=$reports/run "$here/run.sh" "$@"
status=$?
echo "power cuts"
KERNIX_REPORT=$reports/power "$here/power.sh" "$@"
power=$?
[ $power = 77 ] || [ $power = 0 ] || status=1
cat "$reports"/* | { # the last line is the sum of both
  passed=0 failed=0
  while read -r p f _; do passed=$((passed + p)) failed=$((failed + f)); done
  echo "$(((SECONDS - start) / 60)) minutes"
  [ -z "${KERNIX_REPORT:-}" ] || echo "$passed $failed 0" >"$KERNIX_REPORT"
  echo "$passed passed, $failed failed"
}
exit $status
