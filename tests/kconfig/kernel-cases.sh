#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The cases of the tree's own scripts/kconfig/tests, of both generations, from the unpacked trees: the .config that each expects and the words that
# it looks for. Questions are answered as those cases answer them; what only shows on the screen of a dialogue (auto_submenu) is
# in the case 'menus' of the unit tests.
# shellcheck source=tests/kconfig/lib.sh
. "$(dirname "$0")/lib.sh"
passed=0 failed=0 skipped=0 SEED= WARN=
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
    "srctree=$cases/$case" ${SEED:+KCONFIG_SEED=$SEED} ${OLD:+KCONFIG_CONFIG="$OLD"} ${WARN:+KCONFIG_WARN_CHANGED_INPUT=$WARN} "$kernix" config solve --source "$cases/$case" --arch none --base "$base" "$@" -o .config >out 2>err)
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

for v in 7.3 7.2 6.12 6.1; do
  t=$(tree "$v") || { [ $? = 77 ] && skipped=$((skipped + 1)) && continue; exit 1; }
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
  for n in 1 2 3; do
    [ -d "$cases/conditional_dep" ] || continue
    OLD="$cases/conditional_dep/test_config$n" run conditional_dep olddefconfig
    expect "conditional_dep $n" same_config "$cases/conditional_dep/expected_config$n"
  done
  for c in err_repeated_inc err_transitional; do
    [ -d "$cases/$c" ] || continue
    run $c alldefconfig && bad "$c: no error"
    expect "$c" lines_in "$d/err" "$cases/$c/expected_stderr"
  done
  [ ! -d "$cases/transitional" ] || {
    OLD="$cases/transitional/initial_config" run transitional olddefconfig
    expect "transitional" contains "$d/.config" "$cases/transitional/expected_config"
  }
  [ ! -d "$cases/warn_changed_input" ] || {
    OLD="$cases/warn_changed_input/config" run warn_changed_input olddefconfig
    expect "warn_changed_input, not asked for" [ "$(grep -c 'user-provided' "$d/err")" = 0 ]
    WARN=1
    OLD="$cases/warn_changed_input/config" run warn_changed_input olddefconfig
    expect "warn_changed_input" contains "$d/err" "$cases/warn_changed_input/expected_stderr"
    expect "warn_changed_input, .config" same_config "$cases/warn_changed_input/expected_config"
    OLD="$cases/warn_changed_input/config" run warn_changed_input savedefconfig
    expect "warn_changed_input, savedefconfig says it" contains "$d/err" "$cases/warn_changed_input/expected_stderr"
    expect "warn_changed_input, savedefconfig" same_config "$cases/warn_changed_input/expected_defconfig"
    WARN=
  }
done
# What an entry may not say, by the tree's own conf: both take the file, or both refuse it, with conf's words where it has words.
entry() { # NAME TEXT
  local name=$1 s conf ours=0 theirs=0 line
  s=$d/entry
  rm -rf "$s"
  mkdir -p "$s/arch/none"
  ln -s "$t/scripts" "$s/scripts"
  printf '%b' "config MODULES\n\tdef_bool y\n\tmodules\n$2" >"$s/Kconfig"
  printf 'config B\n\tbool\n' >"$s/Kconfig.b"
  conf=$(conf_of "$v") || exit 1
  (cd "$d" && env -i PATH="$PATH" LC_ALL=C srctree="$s" "$conf" --alldefconfig Kconfig >out 2>err-conf) || theirs=1
  rm -f "$d/.config"
  (cd "$d" && env -i PATH="$PATH" HOME="$d" LC_ALL=C "srctree=$s" ARCH=none SRCARCH=none KERNELVERSION="$v" "$kernix" config solve --source "$s" --arch none \
    --base alldefconfig -o .config >out 2>err) || ours=1
  expect "$name: conf ends with $theirs, kernix with $ours" [ $ours = $theirs ]
  while IFS= read -r line; do
    case $line in *'syntax error' | *'invalid statement' | *'invalid option' | '') continue ;; esac
    expect "$name: $line" grep -qF -- "${line#"$s/"}" "$d/err"
  done <"$d/err-conf"
}
for v in 7.3 7.2 6.12 6.1; do
  t=$(tree "$v") || continue
  entry 'depends if' 'config B\n\tbool "b"\nconfig A\n\tbool "a"\n\tdepends on B if B\n\tdefault y\n'
  entry 'depends if, no condition' 'config A\n\tbool "a"\n\tdepends on MODULES if\n'
  entry 'if after menu depends' 'config B\n\tbool "b"\nmenu "m"\n\tdepends on B if MODULES\nendmenu\n'
  entry 'two help texts' 'config A\n\tbool "a"\n\thelp\n\t  one\n\thelp\n\t  two\n'
  entry 'blank help' 'config A\n\tbool "a"\n\thelp\n\nconfig B\n\tbool "b"\n'
  entry 'menuconfig without prompt' 'menuconfig A\n\tbool\nconfig B\n\tbool\n'
  entry 'a choice with a type' 'choice\n\tbool "c"\nconfig A\n\tbool "a"\nendchoice\n'
  entry 'a member with two prompts' 'choice\n\tprompt "c"\nconfig A\n\tbool "a"\nconfig B\n\tbool "b"\nendchoice\nconfig A\n\tbool "again"\n'
  entry 'a file twice' 'source "Kconfig.b"\nsource "Kconfig.b"\n'
done
echo "$passed $failed $skipped" >"${KERNIX_REPORT:-/dev/null}"
echo "$passed as the kernel's tests expect, $failed not, $skipped trees could not be had"
[ $failed = 0 ]
