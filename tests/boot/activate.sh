#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# switch, test, dry-activate and the ways in which a person gets them wrong, on temporary roots.
source "$(dirname "$0")/lib.sh"

new_root grub
mkdir -p "$R/etc/systemd/system" "$R/etc/sysctl.d" "$R/lib/modules/6.1.0-host"
echo 'vm.swappiness=60' >"$R/etc/sysctl.d/60-host.conf"
tree() { (cd "$R" && find etc lib run boot 2>/dev/null | sort && find etc boot -type f -exec cksum {} + | sort); }
tree >"$work/before"
configuration '{ sysctl = "kernel.sysrq=1\nnet.ipv4.tcp_ecn=1\n"; modules = "loop\ndummy\n"; modprobe = "\noptions loop max_loop=5\n"; warnings = "warning: boot.kernelModules: odd\n"; }'
check "dry-activate says the files" says 'would write .*/etc/sysctl.d/60-kernix.conf' rebuild dry-activate
for text in '\+ kernel.sysrq=1' 'would link .*/lib/modules/6.0.1-test to /nix/store/' 'would add the boot entry kernix-1' 'would try kernix-1' \
  'would make generation 1 of profile system' 'would write and enable the unit' '^warning: boot.kernelModules: odd'; do
  check "dry-activate: $text" has "$work/said" "$text"
done
tree >"$work/after"
check "dry-activate changed nothing" diff "$work/before" "$work/after"
check "boot touches neither /etc/*.d nor modules" eval 'rebuild boot && test ! -e "$R/etc/sysctl.d/60-kernix.conf" && is "$(ls "$R/lib/modules")" 6.1.0-host'
check "boot enables the unit that confirms" test -e "$R/etc/systemd/system/multi-user.target.wants/kernix-boot-confirm.service"
check "switch" says 'Done. The new' rebuild switch
check "the build's warnings are printed" has "$work/said" '^warning: boot.kernelModules: odd'
check "sysctl.d" has "$R/etc/sysctl.d/60-kernix.conf" '^net.ipv4.tcp_ecn=1$'
check "modules-load.d" has "$R/etc/modules-load.d/kernix.conf" '^dummy$'
check "modprobe.d" has "$R/etc/modprobe.d/kernix.conf" '^options loop max_loop=5$'
check "module tree" is "$(basename "$(readlink "$R/lib/modules/6.0.1-test")")" 6.0.1-test
check "a second switch has nothing to do" eval '! rebuild switch 2>&1 | grep -E "write|link|copy"'

configuration '{ sysctl = "kernel.sysrq=0\n"; release = "6.1.0-host"; }'
check "switch says what differs" eval 'rebuild switch >"$work/said" 2>&1; has "$work/said" "    - net.ipv4.tcp_ecn=1" && has "$work/said" "    \+ kernel.sysrq=0"'
check "what is empty goes" test ! -e "$R/etc/modprobe.d/kernix.conf" -a ! -e "$R/etc/modules-load.d/kernix.conf"
check "the distribution's module folder stays" test -d "$R/lib/modules/6.1.0-host" -a ! -L "$R/lib/modules/6.1.0-host"
check "and that is said" has "$work/said" 'belongs to the distribution and stays'
check "--rollback brings the files back" eval 'rebuild switch --rollback && has "$R/etc/sysctl.d/60-kernix.conf" tcp_ecn=1'

configuration '{ modprobe = "options loop max_loop=7\n"; kernel = "other"; specialisation.x.modprobe = "options loop max_loop=8\n"; }'
check "--dry-run builds nothing" says 'will be built' rebuild boot --dry-run
check "and says what does" has "$work/said" "nothing is built. After 'nixos-rebuild build'"
check "test makes no generation" eval 'rebuild test && is "$(readlink "$system")" system-1-link'
check "test writes below /run" has "$R/run/modprobe.d/kernix.conf" max_loop=7
check "test leaves /etc" has "$R/etc/modprobe.d/kernix.conf" max_loop=5
check "--dry-run of what is built says the changes" says 'would add the boot entry kernix-' rebuild boot --dry-run
check "--specialisation" eval 'rebuild test -c x && has "$R/run/modprobe.d/kernix.conf" max_loop=8'
expect_fail "unknown specialisation" "the configuration has no specialisation 'y'|It has: x" rebuild test -c y

check "uninstall" rebuild uninstall
rm -rf "$R/run"
find "$R/etc" "$R/lib" -type d -empty ! -name 6.1.0-host -delete
mkdir -p "$R/etc/systemd/system"
tree >"$work/after"
check "everything is as before" diff "$work/before" "$work/after"

# The configuration in the REPL.
check "repl: config, pkgs, lib" eval 'printf "config.boot.kernelPackages\nlib.id pkgs.hello\noptions\n" | rebuild repl >"$work/said" 2>&1; has "$work/said" "the test.s" && has "$work/said" "^1$"'

# What goes wrong, and what it says.
expect_fail "unknown action" "unknown action 'bot'|Actions are: switch, boot" rebuild bot
expect_fail "no configuration" "the configuration '/nonexistent/c.nix' does not exist|nixos-config=FILE" "$bin/nixos-rebuild" boot --root "$R" -I nixos-config=/nonexistent/c.nix
expect_fail "--flake" "does not contain a 'flake.nix'" rebuild switch --flake .#host
expect_fail "--target-host" "--target-host is not supported" rebuild switch --target-host me@there
expect_fail "--rollback with build" "--rollback goes with boot, switch, test" rebuild build --rollback
expect_fail "bad number of tries" "--tries is a number from 1 to 3, not 'many'" rebuild boot --tries many
expect_fail "bad profile name" "'a/b' cannot be the name of a system profile" rebuild boot -p a/b
expect_fail "unknown loader" "unknown boot loader 'lilo': grub, systemd-boot and extlinux are known" rebuild boot --loader lilo
check "--upgrade is accepted with a word" says 'there are no channels' rebuild boot --upgrade --fast
expect_fail "root does not exist" "the root folder '$work/none' does not exist" "$bin/nixos-rebuild" boot --root "$work/none" -I nixos-config="$work/configuration.nix"
expect_fail "no such generation" "profile version 77 does not exist" env_ -p "$system" -G 77 --root "$R"

new_root none
expect_fail "no boot loader" "no known boot loader|Looked for grub: /boot/grub/grub.cfg|systemd-boot|extlinux" rebuild boot
check "test needs no boot loader" rebuild test
rm -rf "$R/boot"
expect_fail "no /boot" "there is no folder '$R/boot'" rebuild boot
new_root grub
expect_fail "rollback without generations" "has no generations yet" rebuild switch --rollback
echo 'set default=0' >"$R/boot/grub/grub.cfg"
expect_fail "grub.cfg that reads no custom.cfg" "does not read custom.cfg|41_custom" rebuild boot
new_root grub
mkdir -p "$R/boot/loader/entries" "$R/boot/EFI/systemd"
expect_fail "two boot loaders" "several boot loaders are there (grub, systemd-boot)|--loader NAME" rebuild boot
check "--loader decides" rebuild boot --loader systemd-boot
check "and is remembered by its entries" says 'boot loader: systemd-boot' kboot status
new_root grub
touch "$R/etc/NIXOS"
expect_fail "a NixOS" "is a NixOS, whose own nixos-rebuild looks after it" rebuild boot
rm "$R/etc/NIXOS"
configuration '{ fstab = ""; }'
expect_fail "no root file system known" "does not say which file system is its root|fileSystems" rebuild boot
printf '# comment\nUUID=1234 / ext4 errors=remount-ro 0 1\n' >"$R/etc/fstab"
check "that of /etc/fstab, with a warning" says 'fileSystems."/" = \{ device = "UUID=1234"; fsType = "ext4"; \};' rebuild boot
check "root= is in the entry" has "$R/boot/kernix/grub.cfg" "'root=UUID=1234' 'rw'"
configuration '{ params = [ ("seen=" + builtins.replaceStrings [ "\n" ] [ "," ] (builtins.getEnv "KERNIX_ROOT_FILE_SYSTEM")) ]; }'
check "the evaluation is told what /etc/fstab has" eval 'rebuild boot && has "$R/boot/kernix/grub.cfg" "seen=UUID=1234,ext4"'
configuration '{ fstab = ""; params = [ "root=/dev/vda1" "dyndbg=\"file x.c +p\"" ]; }'
check "root= of the configuration wins" eval 'rebuild boot && hasnt "$R/boot/kernix/grub.cfg" "root=UUID=1234.*root=/dev/vda1|root=/dev/vda1.*root=UUID"'
check "blanks and quotes in parameters" has "$R/boot/kernix/grub.cfg" "'dyndbg=file x.c \+p'"
configuration '{ fstab = ""; params = [ "it'"''''"'s" ]; }'
expect_fail "GRUB would hand on \\' for '" "GRUB cannot hand on the kernel parameters|they have a '" rebuild boot
if [ "$(id -u)" = 0 ]; then
  chmod 711 "$work"
  mkdir "$work/user" && chown 65534 "$work/user"
  user() { setpriv --reuid 65534 --regid 65534 --clear-groups env -u NIX_CONF_DIR HOME="$work/user" XDG_DATA_HOME="$work/user" "$@"; }
  if user test -x "$bin/nixos-rebuild"; then
    expect_fail "not root" "nixos-rebuild boot needs root|sudo" user "$bin/nixos-rebuild" boot -I nixos-config="$work/configuration.nix"
    expect_fail "not root, rollback" "nixos-rebuild switch needs root" user "$bin/nixos-rebuild" switch --rollback
  fi
fi

# A boot file system that is too small: refused before anything is written, with what could go. It is a tmpfs, where GRUB
# cannot count: --permanent.
cat >"$work/full.sh" <<'SH'
mount -t tmpfs -o size=8m tmpfs "$R/boot" && cp -r "$work/grub" "$R/boot/grub" || exit 9
build() { printf '{ kernel = "kernel %s"; pad = %s; }\n' "$1" "$2" >"$work/configuration.nix"; "$bin/nixos-rebuild" boot --permanent --root "$R" -I nixos-config="$work/configuration.nix"; }
for n in 1 2 3; do build "$n" $((2000000 + n)) || exit 8; "$KERNIX_BUILD/kernix" boot confirm --root "$R" --booted "$(readlink "$R/nix/var/nix/profiles/system-$n-link")"; done
(cd "$R/boot" && find . -type f ! -name lock -exec cksum {} +) | sort >"$work/full.before"
build 4 3000000 && exit 7
(cd "$R/boot" && find . -type f ! -name lock -exec cksum {} +) | sort >"$work/full.after"
cmp "$work/full.before" "$work/full.after" || exit 6
[ ! -e "$R/nix/var/nix/profiles/system-4-link" ] || exit 5
eval "$(sed -n 's/^To make room: nix-env -p [^ ]*/"$bin\/nix-env" --root "$R" -p "$R\/nix\/var\/nix\/profiles\/system"/p' "$work/full.out")" || exit 4
build 4 3000000 || exit 3
build 5 9000000 && exit 2
exit 0
SH
new_root grub
mv "$R/boot/grub" "$work/grub"
export work R bin
if unshare -rm true 2>/dev/null || unshare -m true 2>/dev/null; then
  full=0
  unshare "$([ "$(id -u)" = 0 ] && echo -m || echo -rm)" bash "$work/full.sh" >"$work/full.out" 2>&1 || full=$?
  check "full /boot: refused, untouched, the printed command makes room" is $full 0
  [ $full = 0 ] || tail -n 30 "$work/full.out"
  check "full /boot: what is needed and what is there" has "$work/full.out" "has [0-9.]+ MiB free, and [0-9.]+ MiB are needed for kernels and initrds; nothing was changed"
  check "full /boot: what could go" has "$work/full.out" "generation 1: without it 1.9 MiB less"
  check "full /boot: when nothing can go" has "$work/full.out" "No old generation can make the room"
fi
finish
