# SPDX-License-Identifier: GPL-2.0-or-later
# What the boots in QEMU share: Debian's prebuilt kernel, stage 1, a store-like root with a system in it, and checking.
# Sourced by the tests beside it; needs KERNIX_BUILD (the meson build) and KERNIX_SRC. $W is the test's own folder.
set -eEu
# What set -e ends says nothing by itself. A subshell may fail as it is meant to, and its words may be read.
trap '[ "$BASH_SUBSHELL" != 0 ] || echo "ended by line $LINENO of ${BASH_SOURCE[0]}: $BASH_COMMAND" >&2' ERR
: "${KERNIX_SRC:=$(cd "$(dirname "$0")/../.." && pwd)}" "${KERNIX_BUILD:=$KERNIX_SRC/build}"
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
W=$(mktemp -d "${TMPDIR:-/tmp}/kernix-vm-test.XXXXXX")
trap 'rm -rf "$W"' EXIT
passed=0 failed=0

ok() { # NAME COMMAND...
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    echo "ok: $name"
  else
    failed=$((failed + 1))
    echo "FAILED: $name ($*)"
  fi
}
finish() {
  [ -z "${KERNIX_REPORT-}" ] || echo "$passed $failed 0" >"$KERNIX_REPORT"
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ]
}
says() { grep -aqE -- "$2" "$1"; } # FILE PATTERN
says_not() { ! says "$@"; }

source "$KERNIX_SRC/tests/vm/kernel.sh"

# A root file system: busybox and an init that runs the given script and reboots. root_tree FOLDER SCRIPT
root_tree() {
  mkdir -p "$1/bin" "$1/sbin" "$1/dev" "$1/proc" "$1/sys" "$1/run"
  cp /bin/busybox "$1/bin/busybox"
  for applet in sh cat echo uname grep ls reboot dmesg mount; do ln -sf busybox "$1/bin/$applet"; done
  printf '#!/bin/sh\n%s\nreboot -f\n' "$2" >"$1/sbin/init"
  chmod +x "$1/sbin/init"
}

# boot LOG SECONDS INITRD PARAMETERS QEMU-OPTION...: boots under TCG, the console in LOG (without carriage returns).
boot() {
  local log=$1 limit=$2 initrd=$3 params=$4
  shift 4
  timeout -k 5 "$limit" qemu-system-x86_64 -accel tcg -m 384 -nodefaults -display none -serial stdio -no-reboot \
    -kernel "$KERNEL" -initrd "$initrd" -append "console=ttyS0 panic=-1 $params" "$@" </dev/null 2>&1 | tr -d '\r' >"$log" || :
}
disk() { echo "-drive file=$1,if=none,id=d${2:-0},format=raw,snapshot=on -device virtio-blk,drive=d${2:-0}"; }
