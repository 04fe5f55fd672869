#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Kconfig against the kernel's own conf: a part of all.sh that takes about a minute.
# shellcheck source=tests/kconfig/lib.sh
. "$(dirname "$0")/lib.sh"
passed=0 failed=0 skipped=0 missing=
while read -r v arch base; do
  [ -n "$v" ] || continue
  case $missing in *" $v "*) continue ;; esac
  if ! tree "$v" >/dev/null; then
    missing="$missing $v "
    skipped=$((skipped + 1))
    echo "skipped: the source of $v cannot be had"
    continue
  fi
  if compare "$v" "$arch" "$base"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
done <<'LIST'
7.3 x86_64 allmodconfig
7.3 x86_64 x86_64_defconfig
7.3 arm64 defconfig
7.3 riscv allyesconfig
7.3 loongarch allmodconfig
7.2 x86_64 allyesconfig
7.2 x86_64 x86_64_defconfig
7.2 arm64 allmodconfig
7.2 powerpc pmac32_defconfig
7.2 x86_64 randconfig
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
# The variables that kernix gives Kconfig by itself are those that the tree's make exports.
for v in 7.3 7.2 6.12; do
  case $missing in *" $v "*) continue ;; esac
  s=$(tree "$v")
  d=$(mktemp -d "$work/make.XXXXXX")
  if env -i PATH="$PATH" HOME="$d" make -s -C "$s" O="$d" ARCH=x86_64 x86_64_defconfig >"$d/log" 2>&1 &&
    env -i PATH="$PATH" HOME="$d" "$kernix" config solve --source "$s" --arch x86_64 --base x86_64_defconfig -o "$d/ours" 2>>"$d/log" && cmp "$d/.config" "$d/ours"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "$v: 'make x86_64_defconfig' gives another .config"
    tail -n 5 "$d/log"
    diff "$d/.config" "$d/ours" | head -n 10
  fi
  rm -rf "$d"
done
echo "$passed $failed $skipped" >"${KERNIX_REPORT:-/dev/null}"
echo "$passed same as conf, $failed not"
[ $failed = 0 ]
