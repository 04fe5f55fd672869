#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Kconfig against the kernel's own conf, all of it: each architecture of both trees, allnoconfig allyesconfig allmodconfig alldefconfig and every
# defconfig; .config, savedefconfig and warnings. all.sh [BUILD] [VERSION...]; JOBS says how many at once (default 2).
[ -d "${1:-}" ] && KERNIX_BUILD=$(realpath "$1") && export KERNIX_BUILD && shift
# shellcheck source=tests/kconfig/lib.sh
. "$(dirname "$0")/lib.sh"
export FAST_CONF=1
export -f compare tree conf_of environment srcarch_of version_of
export here kernix work
[ $# -gt 0 ] || set -- 7.3 7.2 6.12 6.1

arches_of() { # TREE: ARCH values, with the second names that make knows
  local a
  for a in "$1"/arch/*/Kconfig; do
    a=$(basename "$(dirname "$a")")
    case $a in x86) echo "x86_64 i386" ;; sparc) echo "sparc sparc64 sparc32" ;; parisc) echo "parisc parisc64" ;; *) echo "$a" ;; esac
  done
}

list=$(mktemp)
for v; do
  s=$(tree "$v") && conf_of "$v" >/dev/null || exit
  for arch in $(arches_of "$s"); do
    for base in allnoconfig allyesconfig allmodconfig alldefconfig; do echo "$v $arch $base"; done
    find "$s/arch/$(srcarch_of "$arch")/configs" -name '*defconfig' -printf "$v $arch %P\n" 2>/dev/null | sort
  done
done >"$list"
echo "$(wc -l <"$list") comparisons"
xargs -a "$list" -P "${JOBS:-2}" -L 1 bash -c 'compare "$@" && echo "same: $*"' compare >"$work/all.out" 2>&1
grep -v '^same' "$work/all.out"
same=$(grep -c '^same' "$work/all.out") all=$(wc -l <"$list")
echo "$same of $all same as conf"
rm -f "$list" "$work/all.out"
[ "$same" = "$all" ]
