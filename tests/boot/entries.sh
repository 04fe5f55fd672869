#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Generations and boot entries on temporary roots: boot, try, confirm, fall back, roll back, delete, uninstall, for each loader; real
# nix-env reads the same profiles.
source "$(dirname "$0")/lib.sh"

files_of_entries() { # every kernel and initrd that entries name is there, and nothing else
  local named there
  named=$(cat "$R"/boot/kernix/grub.cfg "$R"/boot/loader/entries/kernix-*.conf "$R"/boot/extlinux/extlinux.conf 2>/dev/null |
    grep -oE '[0-9a-z]{32}-(kernel|initrd)' | sort -u)
  there=$(ls "$R/boot/kernix" | grep -E 'kernel|initrd|new' | sort -u)
  is "$there" "$named"
}
life() { # LOADER STARTS [MOST-TRIES]: a loader that counts
  local starts=$2 pre="$1:" most=${3:-3}
  new_root "$1"
  cp -r "$R/boot" "$work/boot.before"
  configuration '{ }'
  check "$pre boot makes generation 1" says 'Done. The new configuration is' rebuild boot
  check "$pre the profile is as Nix has it" is "$(readlink "$system")" system-1-link
  check "$pre entries name their files" files_of_entries
  check "$pre init and parameters are in the entry" grep -rqE "init=/nix/store/[^ ]*-nixos-system-test-26.11.test/init'? '?quiet" "$R/boot"
  check "$pre nothing but boot and nix is touched" is "$(ls "$R/etc")" ""
  check "$pre it is tried" is "$($starts)" kernix-1
  check "$pre then the distribution's own" is "$($starts)" host
  check "$pre it has not come up: that is noticed" says 'kernix-1 was started and did not come up; the default is the distribution' kboot confirm
  check "$pre the distribution's own stays" is "$($starts)" host
  rebuild boot >/dev/null 2>&1
  check "$pre tried again" is "$($starts)" kernix-1
  check "$pre confirm" says 'kernix-1 has come up' kboot confirm --booted "$(generation 1)"
  check "$pre it is the default now" is "$($starts) $($starts)" 'kernix-1 kernix-1'
  check "$pre nothing more to confirm" is "$(kboot confirm --booted "$(generation 1)" 2>&1)" ""

  configuration '{ kernel = "kernel two"; release = "6.0.2-test"; }'
  rebuild boot >/dev/null 2>&1
  check "$pre generation 2 is tried once" is "$($starts) $($starts)" 'kernix-2 kernix-1'
  check "$pre the initrd is shared" is "$(ls "$R/boot/kernix" | grep -c initrd) $(ls "$R/boot/kernix" | grep -c kernel)" '1 2'
  rebuild boot --tries 3 >/dev/null 2>&1
  case $most in
    3) check "$pre three tries" is "$($starts) $($starts) $($starts) $($starts)" 'kernix-2 kernix-2 kernix-2 kernix-1' ;;
    *) check "$pre three tries are one here" is "$($starts) $($starts)" 'kernix-2 kernix-1' ;;
  esac
  kboot confirm --booted "$(generation 2)" >/dev/null 2>&1
  check "$pre generation 2 is the default" is "$($starts)" kernix-2
  check "$pre --rollback" says 'generation 1 is the default of every boot' rebuild boot --rollback
  check "$pre it is not tried: it has come up before" is "$($starts) $(readlink "$system")" 'kernix-1 system-1-link'
  expect_fail "$pre no further back" "no generation is older than the current one (1)|nixos-rebuild uninstall" rebuild boot --rollback
  check "$pre the same system again is the same generation" says 'generation 2 is the default' rebuild boot

  configuration '{ kernel = "kernel three"; specialisation.extra.params = [ "extra" ]; }'
  check "$pre --permanent" says 'generation 3 is the default' rebuild boot --permanent
  check "$pre no try" is "$($starts)" kernix-3
  check "$pre a specialisation has an entry" grep -rq 'kernix-3-extra' "$R/boot"
  check "$pre other profiles have entries" says 'add the boot entry kernix-lab-1: lab: ' rebuild boot -p lab
  check "$pre and a profile as NixOS has it" test -L "$profiles/system-profiles/lab-1-link"

  check "$pre uninstall --dry-run says it" says 'would remove the boot entries' rebuild uninstall --dry-run
  check "$pre uninstall" says "the distribution's own kernel" rebuild uninstall
  check "$pre nothing of it is left in /boot" diff -r "$work/boot.before" "$R/boot"
  check "$pre generations stay" is "$(readlink "$system")" system-3-link
  rm -rf "$work/boot.before"
}
life grub start_grub
life systemd-boot start_systemd
life extlinux-adv start_extlinux 1

# U-Boot counts where its environment is set up for that; else nobody does.
new_root extlinux
cp "$R/boot/extlinux/extlinux.conf" "$work/before"
configuration '{ }'
expect_fail "extlinux: a try is refused" "cannot count tries: only the running machine's U-Boot can be told to count|--permanent" rebuild boot
check "extlinux: status says that before" says 'new generations cannot be tried: the loader that reads' kboot status
check "extlinux: the refused one made no generation" test ! -e "$system"
check "extlinux: --permanent" rebuild boot --permanent
check "extlinux: the default is ours" is "$(grep ^DEFAULT "$R/boot/extlinux/extlinux.conf")" "DEFAULT kernix-1"
check "extlinux: entries name their files" files_of_entries
rebuild uninstall >/dev/null 2>&1
check "extlinux: as before" diff "$work/before" "$R/boot/extlinux/extlinux.conf"

# What would be a line of its own in a loader's file, or a word that it cannot hand on, is refused: boot.json may come from elsewhere.
plain_entries() { ! grep -rqE '^[[:space:]]*(linux /evil|evil)' "$R/boot"; }
evil='[ "quiet" "a=\"b\n  linux /evil\"" ]'
for loader in grub systemd-boot extlinux; do
  new_root "$loader"
  configuration "{ params = $evil; }"
  expect_fail "lines: $loader: a break in a parameter" "the kernel parameters of the boot entry 'kernix-1' must be one line" rebuild boot --permanent
  configuration '{ release = "6.0\nevil"; }'
  expect_fail "lines: $loader: a break in the title" "the title of the boot entry 'kernix-1' must be one line" rebuild boot --permanent
  configuration '{ params = [ "a=\"b" ]; }'
  expect_fail "lines: $loader: an open quote" "have an open" rebuild boot --permanent
  configuration '{ params = [ "a=\"b c\"" "quiet" ]; }'
  check "lines: $loader: quotes that are closed" rebuild boot --permanent
  configuration "{ specialisation.\"x'y\".params = [ \"extra\" ]; }"
  check "lines: $loader: an odd name" rebuild boot --permanent
  # One bad generation among good ones takes nothing from them.
  configuration "{ params = $evil; kernel = \"bad\"; }"
  rebuild boot --permanent >/dev/null 2>&1
  configuration '{ kernel = "good again"; }'
  check "lines: $loader: a later one is written" rebuild boot --permanent
  check "lines: $loader: nothing of it is in the menu" plain_entries
done
new_root grub
configuration "{ specialisation.\"x'y\".params = [ \"extra\" ]; }"
rebuild boot --permanent >/dev/null 2>&1
check "lines: grub: an odd character of an id is told by its number" grep -qF -- "--id 'kernix-1-x_27y' " "$R/boot/kernix/grub.cfg"
check "lines: grub's own reader takes the file" grub-script-check "$R/boot/kernix/grub.cfg"
configuration '{ params = [ "a=b\\c" ]; }'
expect_fail "lines: grub: a backslash" "GRUB cannot hand on the kernel parameters" rebuild boot --permanent
configuration '{ params = [ "root=/dev/disk/by-label/a\\x20b" ]; }'
check "lines: grub: but an escaped byte goes through" rebuild boot --permanent
new_root extlinux
# shellcheck disable=SC2016 # for U-Boot
configuration '{ params = [ "a=\${bootargs}" ]; }'
expect_fail "lines: extlinux: a variable of U-Boot" "extlinux.conf cannot hold" rebuild boot --permanent

# A rollback that is killed at each of its renames in turn (note, profile, menu, environment) and repeated goes back once, and finishes.
new_root grub
for n in 1 2 3 4; do
  configuration "{ kernel = \"kernel $n\"; }"
  rebuild boot --permanent >/dev/null 2>&1
done
wrong='' killed=0
for ((k = 1; k < 30; k++)); do
  timeout 60 strace -f -qq -o /dev/null -e "inject=rename:signal=KILL:when=$k" "$bin/nixos-rebuild" boot --rollback --permanent --root "$R" >/dev/null 2>&1 && break
  killed=$((killed + 1))
  rebuild boot --rollback --permanent >/dev/null 2>&1
  [ "$(readlink "$system") $(start_grub)" = "system-3-link kernix-3" ] || wrong="$wrong $k:$(readlink "$system")"
  rebuild boot --permanent >/dev/null 2>&1 # the configuration is still that of generation 4
done 2>/dev/null
check "rollback: killed and repeated, it goes back once" is "$wrong" ''
check "rollback: kills hit it" test "$killed" -gt 3
check "rollback: no note stays" test ! -e "$system.rollback"

# Deleting generations takes their entries along and keeps what is needed.
new_root grub
for n in 1 2 3 4; do
  configuration "{ kernel = \"kernel $n\"; revision = \"rev$n\"; }"
  rebuild boot >/dev/null 2>&1
  [ $n = 4 ] || kboot confirm --booted "$(generation $n)" >/dev/null 2>&1
done
check "delete: says what it would" says 'would remove profile version 1' env_ -p "$system" --delete-generations old --dry-run --root "$R"
check "delete: and did not" test -L "$profiles/system-1-link"
check "delete: the default stays" says 'keeping profile version 3: it is the default' env_ -p "$system" --delete-generations 1 3 --root "$R"
check "delete: the entry is gone with the generation" hasnt "$R/boot/kernix/grub.cfg" 'kernix-1'
check "delete: its files too" files_of_entries
check "collect: removes the rest" says 'removing profile version 2' "$bin/nix-collect-garbage" -d --root "$R"
check "collect: what is needed stays" is "$(cd "$profiles" && echo system-*)" 'system-3-link system-4-link'
check "collect: entries follow" is "$(grep -c kernix-entry "$R/boot/kernix/grub.cfg")" 2
check "collect: the systems' files stay" test -e "$R$(generation 3)/kernel"
check "collect: the default starts" is "$(start_grub) $(start_grub)" 'kernix-4 kernix-3'
touch -h -d '40 days ago' "$profiles/system-3-link"
kboot confirm --booted "$(generation 4)" >/dev/null 2>&1
configuration '{ kernel = "kernel 5"; }'
rebuild boot --permanent >/dev/null 2>&1
touch -h -d '20 days ago' "$profiles/system-4-link"
check "collect: --delete-older-than" says 'removing profile version 3' "$bin/nix-collect-garbage" --delete-older-than 10d --root "$R"
check "collect: the one that was current then stays" is "$(cd "$profiles" && echo system-*)" 'system-4-link system-5-link'

# list-generations: NixOS's columns.
check "list: columns" says '^Generation  Build-date           NixOS version  Kernel      Configuration Revision  Specialisation$' rebuild list-generations
check "list: the current one first" says '^5 current   20[0-9-]+ [0-9:]+  26.11.test     6.0.1-test$' rebuild list-generations
check "list: --json" is "$(rebuild list-generations --json | jq -r '.[] | "\(.generation) \(.current) \(.configurationRevision) \(.kernelVersion)"' | tr '\n' ,)" \
  '5 true  6.0.1-test,4 false rev4 6.0.1-test,'

# configurationLimit: the newest ones, and what is needed.
new_root grub
for n in 1 2 3 4 5; do
  configuration "{ kernel = \"kernel $n\"; limit = 2; }"
  rebuild boot >/dev/null 2>&1
  [ $n != 1 ] || kboot confirm --booted "$(generation 1)" >/dev/null 2>&1
done
check "limit: two newest and the default are in the menu" is "$(grep kernix-entry "$R/boot/kernix/grub.cfg" | tr -d '#\n')" ' kernix-entry kernix-5 kernix-entry kernix-1 kernix-entry kernix-4'
check "limit: only their kernels" files_of_entries
check "limit: the generations stay" is "$(env_ -p "$system" --list-generations --root "$R" | wc -l)" 5

# boot.loader.timeout: the menu waits as long as the newest generation says; uninstall, or one that says nothing, gives the
# distribution's back.
menu_waits() { # LOADER: what the menu's file says about it
  case $1 in
    grub) sed -n 's/^set timeout=//p' "$R/boot/kernix/grub.cfg" ;;
    systemd-boot) sed -n 's/^timeout //p' "$R/boot/loader/loader.conf" ;;
    extlinux) sed -n 's/^TIMEOUT //p' "$R/boot/extlinux/extlinux.conf" ;;
  esac
}
for row in 'grub  7 -1 0' 'systemd-boot 3 7 menu-force 0' 'extlinux 30 70 0 1'; do
  loader=${row%% *} expected=${row#* } seen=
  new_root "$loader"
  cp -r "$R/boot" "$work/boot.before"
  for timeout in '' 'timeout = 7;' 'timeout = -1;' 'timeout = 0;'; do
    configuration "{ $timeout }"
    rebuild boot --permanent >/dev/null 2>&1
    seen="$seen $(menu_waits "$loader")"
  done
  check "timeout: $loader" is "$seen" " $expected"
  configuration '{ kernel = "another"; }'
  rebuild boot --permanent >/dev/null 2>&1
  check "timeout: $loader: the distribution's again" is "$(menu_waits "$loader")" "$(echo "$expected" | cut -d' ' -f1)"
  rebuild uninstall >/dev/null 2>&1
  check "timeout: $loader: nothing is left" diff -r "$work/boot.before" "$R/boot"
  rm -rf "$work/boot.before"
done

# Real nix-env reads and writes the same profiles; ours says the same as it.
real() { NIX_REMOTE="local?root=$R" timeout 60 /usr/bin/nix-env "$@"; }
same() { # NAME WORDS...: the same output and status from both, on equal profiles
  local name=$1 a b sa sb
  shift
  rm -rf "$work/pa" "$work/pb"
  mkdir -p "$work/pa" "$work/pb"
  for n in 1 2 3 5; do
    for d in pa pb; do ln -s "$(generation 5)" "$work/$d/p-$n-link" && touch -h -d "2026-01-0$n 10:20:30" "$work/$d/p-$n-link"; done
  done
  ln -s p-3-link "$work/pa/p" && ln -s p-3-link "$work/pb/p"
  a=$(NIX_REMOTE="local?root=$R" env_ -p "$work/pa/p" "$@" 2>&1) && sa=0 || sa=1
  b=$(real -p "$work/pb/p" "$@" 2>&1) && sb=0 || sb=1
  # Ours may say more after the first line of an error.
  if [ $sa != 0 ]; then a=$(head -n 1 <<<"$a") b=$(head -n 1 <<<"$b"); fi
  # The quotes around a profile are another in each version of Nix.
  check "nix-env: $name says what Nix says" is "$(tr -d "\"'" <<<"$sa ${a//pa/pb}")" "$(tr -d "\"'" <<<"$sb $b")"
  check "nix-env: $name leaves what Nix leaves" is "$(cd "$work/pa" && ls | grep -v lock; readlink "$work/pa/p")" "$(cd "$work/pb" && ls | grep -v lock; readlink "$work/pb/p")"
}
while read -r words; do
  # shellcheck disable=SC2086 # a list of words
  same "$words" $words
done <<'WORDS'
--list-generations
--rollback
--switch-generation 5
--switch-generation 9
--switch-generation
-G 1
--delete-generations 1 2
--delete-generations 1 7
--delete-generations 3
--delete-generations old
--delete-generations +1
--delete-generations +2
--delete-generations 1d
--delete-generations foo
--rollback --dry-run
WORDS
# A store that is named: its profile, not this machine's of the same name; and one that is not there is no success without a word.
ln -s "$(generation 5)" "$profiles/named-1-link" && ln -s "$(generation 5)" "$profiles/named-2-link" && ln -s named-2-link "$profiles/named"
check "nix-env: --store DIR with a profile by its usual name" says 'removing profile version 1' env_ -p /nix/var/nix/profiles/named --delete-generations old --store "$R"
check "nix-env: it is gone there" test ! -L "$profiles/named-1-link" -a -L "$profiles/named-2-link"
check "nix-env: --list-generations looks there too" says '^ *2 .*\(current\)' env_ -p /nix/var/nix/profiles/named --list-generations --store "$R"
check "nix-env: no generations" says "profiles/nosuch' has no generations" env_ -p /nix/var/nix/profiles/nosuch --delete-generations old --store "$R"
check "nix-env: Nix lists our generations" is "$(real -p "$system" --list-generations 2>/dev/null)" "$(env_ -p "$system" --list-generations --root "$R")"
expect_fail "nix-env: packages are refused" "nix-env --install is not here|--list-generations" env_ -i hello
# A specialisation that runs keeps its generation.
new_root grub
configuration '{ kernel = "kernel one"; specialisation.other.params = [ "other" ]; }'
rebuild boot --permanent >/dev/null 2>&1
configuration '{ kernel = "kernel two"; }'
rebuild boot --permanent >/dev/null 2>&1
other=$(readlink "$R$(generation 1)/specialisation/other")
configuration '{ kernel = "kernel two"; limit = 1; }'
rebuild boot --permanent >/dev/null 2>&1
check "a variant that runs keeps its generation's entry" eval 'kboot refresh --booted "$other" && has "$R/boot/kernix/grub.cfg" kernix-1-other'
expect_fail "--specialisation with boot" "--specialisation goes with switch, test and dry-activate|an entry of its own in the boot menu" rebuild boot --specialisation other
check "else the limit counts generations" eval 'kboot refresh && hasnt "$R/boot/kernix/grub.cfg" kernix-1'
# What the configuration says of the loader.
new_root grub
mkdir -p "$R/boot/extlinux" && printf 'DEFAULT l0\nLABEL l0\n\tLINUX /vmlinuz\n' >"$R/boot/extlinux/extlinux.conf"
configuration '{ }'
expect_fail "loader: several, and nothing is said" 'several boot loaders are there' rebuild boot --permanent
echo tree >"$work/board.dtb"
configuration "{ loader = { name = \"extlinux\"; deviceTree = $work/board.dtb; }; }"
check "loader: the configuration says which" rebuild boot --permanent
check "loader: the entry names the device tree" grep -q 'FDT .*/kernix/.*-dtb$' "$R/boot/extlinux/extlinux.conf"
check "loader: which is copied" is "$(cat "$R"/boot/kernix/*-dtb)" tree
check "loader: the other one has nothing" test ! -e "$R/boot/kernix/grub.cfg"
check "loader: --loader wins" rebuild boot --permanent --loader grub
check "loader: and writes there" test -e "$R/boot/kernix/grub.cfg"
new_root grub
configuration '{ loader.name = "systemd-boot"; }'
check "loader: one that is not there is said" says 'boot.loader says systemd-boot, which is not on this machine: entries are written for grub' rebuild boot --permanent
check "loader: and the one that is there gets the entries" test -e "$R/boot/kernix/grub.cfg"

finish
