#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Calls that fail while a boot menu is written: what cannot be read is not taken for nothing. Afterwards the command has failed, or all of
# it is there: the generations, the entries of those that come up, the distribution's own files, and every kernel that an entry names.
[ -w /dev/shm ] && export TMPDIR=/dev/shm # a root is copied hundreds of times
source "$(dirname "$0")/lib.sh"
command -v strace >/dev/null && strace -f -qq -o /dev/null true 2>/dev/null || { echo "SKIP: no strace that may trace"; exit 77; }

inject() { # CALL:ERROR:N PATH COMMAND...: of the calls that have to do with PATH
  local call error n
  IFS=: read -r call error n <<<"$1"
  timeout 60 strace -f -qq -e signal=none -o "$work/trace" -P "$2" -e trace="$call" -e inject="$call:error=$error:when=$n" "${@:3}" >"$work/said" 2>&1
}
places() { # CALL PATH COMMAND...: how many there are
  timeout 60 strace -f -qq -e signal=none -o "$work/trace" -P "$2" -e trace="$1" "${@:3}" >"$work/said" 2>&1
  grep -c "$1(" "$work/trace"
}
fresh() {
  rm -rf "$R"
  cp -a "$work/before" "$R"
}
starts() { # may what the loader starts be what starts? generation 2 has come up, 3 is new
  local all
  all=$(sh -c 'cat "$@" 2>/dev/null' - "$R"/boot/kernix/grub.cfg "$R"/boot/loader/entries/kernix-*.conf)
  for id in kernix-1 kernix-2; do
    case $all in *"# kernix-entry $id
"*) ;; *) echo "no entry $id" ;; esac
  done
  for file in $(grep -oE '[0-9a-z]{32}-(kernel|initrd)' <<<"$all" | sort -u); do
    [ -s "$R/boot/kernix/$file" ] || echo "$file is named and not there"
  done
  for n in 1 2; do [ "$(generation $n)" = "${was[$n]}" ] || echo "generation $n is '$(generation $n)'"; done
  case $1 in
    grub) grep -qx 'kernix_default=kernix-2' "$R/boot/kernix/grubenv" || echo "the default is not generation 2"
      grep -q 'our own' "$R/boot/grub/custom.cfg" || echo "custom.cfg is not what it was" ;;
    systemd-boot) grep -q '^sort-key !kernix-2-normal' "$R"/boot/loader/entries/kernix-2.conf || echo "the default is not generation 2"
      grep -q '^console-mode max' "$R/boot/loader/loader.conf" || echo "loader.conf is not what it was" ;;
  esac
}
at() { # LOADER CALL:ERROR PATH COMMAND...: nothing is lost at any place, and there is one
  local loader=$1 call=$2 where=$3 n=0 total why bad=""
  shift 3
  fresh
  total=$(places "${call%:*}" "$where" "$@")
  while [ $((n += 1)) -le "$total" ]; do
    fresh
    inject "$call:$n" "$where" "$@"
    local status=$?
    why=$(starts "$loader")
    [ -z "$why" ] || bad+="
  $n of $total, exit $status: $why"
  done
  [ "$total" -gt 0 ] || bad=" no such call"
  check "$loader: ${call%:*} of ${where#"$R"}" is "$bad" ""
}
life() {
  local loader=$1 boot new
  shift
  new_root "$loader"
  [ "$loader" != grub ] || echo '# our own' >"$R/boot/grub/custom.cfg"
  was=()
  for n in 1 2; do
    configuration "{ kernel = \"kernel $n\"; revision = \"rev$n\"; }"
    rebuild boot >/dev/null 2>&1
    kboot confirm --booted "$(generation $n)" >/dev/null 2>&1
    was[n]=$(generation $n)
  done
  configuration '{ kernel = "kernel three"; release = "6.0.3-test"; }'
  rebuild build >/dev/null 2>&1
  rm -rf "$work/before"
  cp -a "$R" "$work/before"
  new=("$bin/nixos-rebuild" boot --root "$R" -I nixos-config="$work/configuration.nix")
  at "$loader" getdents64:EIO "$profiles" "${new[@]}"
  at "$loader" newfstatat:EIO "$profiles/system-2-link" "${new[@]}"
  at "$loader" readlink:EIO "$profiles/system-2-link" "${new[@]}"
  at "$loader" readlink:EIO "$system" "${new[@]}"
  at "$loader" newfstatat:EIO "$R${was[2]}/boot.json" "${new[@]}"
  at "$loader" openat:EIO "$R${was[2]}/boot.json" "${new[@]}"
  at "$loader" openat:EMFILE "$R/boot/kernix/good" "${new[@]}"
  for file in "$@"; do
    for call in newfstatat openat getdents64; do
      [ "$(fresh; places $call "$R$file" "${new[@]}")" = 0 ] || at "$loader" $call:EIO "$R$file" "${new[@]}"
    done
  done
  at "$loader" getdents64:EIO "$profiles" "$bin/nix-env" -p "$system" --root "$R" --delete-generations 9
}
life grub /boot/kernix/grub.cfg /boot/grub/custom.cfg /boot/kernix/grubenv /boot/kernix
life systemd-boot /boot/loader/entries /boot/loader/loader.conf /boot/kernix

# Who may not look into the EFI partition sees the loader that he may see.
if [ "$(id -u)" = 0 ]; then
  fresh
  chmod 755 "$work"
  mkdir -p "$R/boot/grub" "$R/boot/efi/loader"
  rm -rf "$R/boot/loader" "$R/boot/EFI"
  echo '# custom.cfg' >"$R/boot/grub/grub.cfg"
  chmod 700 "$R/boot/efi"
  check "an EFI partition that is closed" says 'boot loader: grub' setpriv --reuid 65534 --regid 65534 --clear-groups "$KERNIX_BUILD/kernix" boot status --root "$R"
fi
finish
