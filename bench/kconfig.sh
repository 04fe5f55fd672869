#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# CPU time of Kconfig against the kernel's own conf (its own and its compiler probes'), in pairs in one run, x86_64 allmodconfig of 6.12; and of a list
# of 690 requests (110 optional), the size of NixOS's; and of questions about devices. Prints the table that README quotes. kconfig.sh BUILD [PAIRS]
set -eu
KERNIX_BUILD=$(realpath "$1") pairs=${2:-5}
export KERNIX_BUILD
# shellcheck source=tests/kconfig/lib.sh
. "$(dirname "$0")/../tests/kconfig/lib.sh"
s=$(tree 6.12) conf=$(conf_of 6.12)
environment "$s" x86_64
d=$(mktemp -d)
trap 'rm -rf "$d"' EXIT
cd "$d"
env=("${ENVIRON[@]}" "HOME=$d")
# Without its cache the tests' conf runs each command, as make's does.
for i in "${!env[@]}"; do case ${env[$i]} in POPEN_CACHE=* | XDG_CACHE_HOME=*) unset "env[$i]" ;; esac; done
median() { sort -g | awk '{v[NR]=$1} END {print v[int((NR+1)/2)]}'; }
cpu() { "$KERNIX_BUILD/measure" "$@" | cut -d' ' -f1; }
solve=("$kernix" config solve --source "$s" --arch x86_64 --base allmodconfig -o out)
for ((i = 0; i < pairs; i++)); do
  cpu "${env[@]}" "$conf" --allmodconfig Kconfig >>conf
  cpu "${env[@]}" "XDG_CACHE_HOME=$d/cold$i" "${solve[@]}" >>cold
  cpu "${env[@]}" "XDG_CACHE_HOME=$d/cold0" "${solve[@]}" >>warm
done

# 580 options that must hold and 110 that may, drawn from what can be a module; some fail, and reasons and fixes are found for those, too.
"${env[@]}" "XDG_CACHE_HOME=$d/cold0" "$kernix" config solve --source "$s" --arch x86_64 --base allmodconfig -o all.config
awk -F= '/^CONFIG_[A-Z0-9_]+=m$/ { sub("CONFIG_", "", $1); n++; if (n % 8 == 0 && k < 690) { k++
  printf "%s{\"name\":\"%s\",\"value\":\"m\",\"optional\":%s}", (k > 1 ? "," : "["), $1, (k % 6 == 0 ? "true" : "false") } } END { print "]" }' all.config >requests.json
requests=$(grep -o name requests.json | wc -l)
for ((i = 0; i < pairs; i++)); do
  cpu "${env[@]}" "XDG_CACHE_HOME=$d/cold0" "$kernix" config solve --source "$s" --arch x86_64 --base defconfig --request requests.json --auto-modules --ignore-config-errors \
    -o out2 >>list
done
c=$(median <conf) o=$(median <cold) w=$(median <warm) l=$(median <list)
echo "| Kconfig of 6.12, x86_64 (median of $pairs pairs)       | conf s   | kernix s | ratio | want |"
echo "|---------------------------------------------------|----------|----------|-------|------|"
row() { awk -v n="$1" -v a="$2" -v b="$3" -v l="$4" 'BEGIN { printf "| %-49s | %8.3f | %8.3f | %5.3f | %4s |\n", n, a, b, b / a, l }'; }
row "allmodconfig, answers of the compiler known" "$c" "$w" 0.10
row "allmodconfig, answers not known" "$c" "$o" 0.75
# generate-config.pl: 99 to 123 CPU s measured on such a machine; its text is not part of this project.
row "$requests requests against generate-config.pl (99 s)" 99 "$l" 0.01
# What a person waits for: which option has the driver of a device. The sources are read each time.
for q in pci:8086:10d3 usb:0bda:8153; do
  for ((i = 0; i < pairs; i++)); do cpu "${env[@]}" "XDG_CACHE_HOME=$d/cold0" "$kernix" config builds "$q" --source "$s" --arch x86_64 >>"query-$q"; done
  printf '| %-49s | %8s | %8.3f | %5s | %4s |\n' "kernix config builds $q" - "$(median <"query-$q")" - 0.50
done
