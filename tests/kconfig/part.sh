#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Kconfig against the kernel's own conf: a part of all.sh that takes about a minute.
# shellcheck source=tests/kconfig/lib.sh
. "$(dirname "$0")/lib.sh"
passed=0 failed=0
while read -r v arch base; do
  [ -n "$v" ] || continue
  if [ "$(tree "$v" 2>/dev/null)" = "" ]; then
    echo "linux-source-$v is not installed"
    exit 77
  fi
  if compare "$v" "$arch" "$base"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
done <<'LIST'
6.12 x86_64 allnoconfig
6.12 x86_64 allyesconfig
6.12 x86_64 allmodconfig
6.12 x86_64 alldefconfig
6.12 x86_64 x86_64_defconfig
6.12 i386 i386_defconfig
6.12 arm64 defconfig
6.12 arm64 allmodconfig
6.12 arm multi_v7_defconfig
6.12 riscv defconfig
6.12 powerpc pmac32_defconfig
6.12 mips malta_defconfig
6.12 um x86_64_defconfig
6.12 s390 allmodconfig
6.12 x86_64 randconfig
6.12 arm64 randconfig
6.1 x86_64 allnoconfig
6.1 x86_64 allyesconfig
6.1 x86_64 allmodconfig
6.1 x86_64 alldefconfig
6.1 x86_64 x86_64_defconfig
6.1 arm64 defconfig
6.1 arm allyesconfig
6.1 mips allmodconfig
6.1 powerpc ppc64_defconfig
6.1 sh allmodconfig
LIST
echo "$passed 0 0" >"${KERNIX_REPORT:-/dev/null}"
[ $failed = 0 ] || echo "$passed $failed 0" >"${KERNIX_REPORT:-/dev/null}"
echo "$passed same as conf, $failed not"
[ $failed = 0 ]
