#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The cases of the tree's own scripts/kconfig/tests, of both generations, from the unpacked trees: the .config that each expects and the words that
# it looks for. Questions are answered as those cases answer them; what only shows on the screen of a dialogue (auto_submenu) is
# in the case 'menus' of the unit tests.
# shellcheck source=tests/kconfig/lib.sh
. "$(dirname "$0")/lib.sh"
passed=0 failed=0 SEED=
d=$(mktemp -d "$work/cases.XXXXXX")
trap 'rm -rf "$d"' EXIT
ok() { passed=$((passed + 1)); }
bad() {
  failed=$((failed + 1))
  echo "FAILED: linux $v, $1"
  head -n 15 "$d/out" "$d/err" "$d/.config" 2>/dev/null
}
run() { # CASE BASE [ARGUMENT...]: .config, out, err; its exit status
  local case=$1 base=$2
  shift 2
  rm -f "$d"/.config "$d"/out "$d"/err
  (cd "$d" && env -i PATH="$PATH" HOME="$d" LC_ALL=C ARCH=none SRCARCH=none CC=gcc LD=ld AR=ar NM=nm OBJCOPY=objcopy KERNELVERSION="$v" ENV_VAR=foo \
    "srctree=$cases/$case" ${SEED:+KCONFIG_SEED=$SEED} "$kernix" config solve --source "$cases/$case" --arch none --base "$base" "$@" -o .config >out 2>err)
}
contains() { # FILE EXPECTED: as the kernel's framework does it, without regard to blanks at the ends
  python3 - "$1" "$2" <<'PY'
import sys
got, want = (open(f).read() for f in sys.argv[1:])
sys.exit(want.strip() not in got)
PY
}
lines_in() { # FILE EXPECTED: each line occurs
  local line
  while IFS= read -r line; do [ -z "$line" ] || grep -qF -- "$line" "$1" || return 1; done <"$2"
}
expect() { # NAME COMMAND...
  local name=$1
  shift
  if "$@"; then ok; else bad "$name"; fi
}
same_config() { # EXPECTED: the framework compares whole files; comments hold the version there, too
  diff <(grep -v '^#.*\(Linux\|Main menu\|Automatically\)' "$1" | grep -v '^#$') <(grep -v '^#.*\(Linux\|Main menu\|Automatically\)' "$d/.config" | grep -v '^#$') >"$d/out"
}

for v in 6.12 6.1; do
  t=$(tree "$v") || exit
  cases=$t/scripts/kconfig/tests
  for base in allyes allmod allno alldef; do
    run choice "${base}config"
    expect "choice, $base" lines_in "$d/.config" "$cases/choice/${base}_expected_config"
  done
  run err_recursive_inc alldefconfig && bad "err_recursive_inc: no error"
  expect "err_recursive_inc" grep -q 'Kconfig.inc1.*Kconfig.inc\|Kconfig.inc1:5' "$d/err"
  run err_recursive_dep alldefconfig && bad "err_recursive_dep: no error"
  expect "err_recursive_dep" grep -q 'recursive dependency' "$d/err"
  run preprocess/circular_expansion alldefconfig && bad "circular_expansion: no error"
  expect "circular_expansion" grep -qF "$(sed 's/^Kconfig:[0-9]*: //' "$cases/preprocess/circular_expansion/expected_stderr")" "$d/err"
  for c in builtin_func escape variable; do
    run "preprocess/$c" alldefconfig
    expect "preprocess/$c" contains "$d/err" "$cases/preprocess/$c/expected_stderr"
    [ ! -f "$cases/preprocess/$c/expected_stdout" ] || expect "preprocess/$c, its output" contains "$d/out" "$cases/preprocess/$c/expected_stdout"
  done
  run no_write_if_dep_unmet "$cases/no_write_if_dep_unmet/config" --request <(echo '{"A":"n"}')
  expect "no_write_if_dep_unmet" same_config "$cases/no_write_if_dep_unmet/expected_config"
  run new_choice_with_dep "$cases/new_choice_with_dep/config" --request <(echo '{"A":"y"}')
  printf 'CONFIG_CHOICE_B=y\nCONFIG_CHOICE_E=y\n' >"$d/want"
  expect "new_choice_with_dep" lines_in "$d/.config" "$d/want"
  for c in choice_randomize choice_randomize2; do
    [ -d "$cases/$c" ] || continue
    seen=
    for SEED in $(seq 0 30); do
      run $c randconfig
      for n in 0 1 2; do same_config "$cases/$c/expected_config$n" && seen="$seen$n" && break; done || seen=bad
    done
    SEED=
    case $c,$seen in *bad*) bad "$c" ;; choice_randomize2,* | *0*) ok ;; *) bad "$c: seen $seen" ;; esac
    [ $c = choice_randomize2 ] || case $seen in *1*) case $seen in *2*) ok ;; *) bad "$c: seen $seen" ;; esac ;; *) bad "$c: seen $seen" ;; esac
  done
  [ ! -d "$cases/inter_choice" ] || {
    run inter_choice "$cases/inter_choice/defconfig"
    expect "inter_choice" lines_in "$d/.config" "$cases/inter_choice/expected_config"
  }
  [ ! -d "$cases/choice_value_with_m_dep" ] || {
    run choice_value_with_m_dep "$cases/choice_value_with_m_dep/config" --fragment <(echo CONFIG_CHOICE0=y)
    expect "choice_value_with_m_dep" lines_in "$d/.config" "$cases/choice_value_with_m_dep/expected_config"
  }
done
echo "$passed $failed 0" >"${KERNIX_REPORT:-/dev/null}"
echo "$passed as the kernel's tests expect, $failed not"
[ $failed = 0 ]
