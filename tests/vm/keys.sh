#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What opens an encrypted root: a passphrase typed on a keyboard that is not American. keys.sh [NAME...]: only these.
source "$(dirname "$0")/lib.sh"
source "$(dirname "$0")/configured.sh"
debian_kernel
build_stage1
wanted=" $* "
is_wanted() { [ "$wanted" = "  " ] || [[ $wanted == *" $1 "* ]]; }

# Encrypted where it lies, so that no device-mapper is needed here.
tools=$W/store$("$bin/nix-build" --no-out-link -E '(import <nixpkgs> { }).initrdTools { programs = [ "cryptsetup" ]; }' 2>/dev/null)
cryptsetup() { "$tools"/lib64/ld-linux-x86-64.so.2 --library-path "$tools/lib/x86_64-linux-gnu" "$tools/sbin/cryptsetup" "$@"; }
root_tree "$W/root" 'for out in /dev/console /dev/kmsg; do echo "end of stage 2" >$out; done'
mke2fs -q -t ext4 -d "$W/root" "$W/plain.img" 8M 2>/dev/null
encrypted() { # IMAGE PASSPHRASE
  cp "$W/plain.img" "$1"
  truncate -s 24M "$1"
  printf %s "$2" | cryptsetup reencrypt --encrypt --type luks2 --batch-mode --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --reduce-device-size 8M --key-file=- "$1"
}
root='fileSystems."/" = { device = "/dev/mapper/crypt"; fsType = "ext4"; }; boot.initrd.luks.devices.crypt = { device = "/dev/vda"; '
waits() { # FILE PATTERN SECONDS
  local i
  for i in $(seq $(($3 * 5))); do
    says "$1" "$2" && return 0
    sleep 0.2
  done
  return 1
}

# --- a keymap ---

# Boots with the keyboard as the console and presses KEYs once stage 1 asks. pressed LOG INITRD DISK KEY...
pressed() {
  local log=$1 initrd=$2 image=$3 monitor=$W/monitor key pid
  shift 3
  rm -f "$monitor" && mkfifo "$monitor"
  : >"$log"
  timeout -k 5 90 qemu-system-x86_64 -accel tcg -m 512 -nodefaults -display none -device VGA -serial "file:$log" -monitor stdio -no-reboot -kernel "$KERNEL" -initrd "$initrd" \
    -append "console=ttyS0 console=tty0 panic=-1 boot.panic_on_fail rootdelay=4" $(disk "$image") <"$monitor" >/dev/null 2>&1 &
  pid=$!
  exec 4>"$monitor"
  waits "$log" 'asking for the passphrase of crypt' 60 || :
  sleep 2
  for key; do echo "sendkey $key" >&4 && sleep 0.3; done
  waits "$log" 'end of stage 2|asking again' 30 || :
  kill $pid 2>/dev/null || :
  wait $pid || :
  exec 4>&-
}
if is_wanted keymap; then
  encrypted "$W/typed.img" 'zy+'
  configured_initrd "$W/initrd-de" "$root }; console.keyMap = \"de\";"
  pressed "$W/de.log" "$W/initrd-de" "$W/typed.img" y z bracket_right ret
  ok "keymap: it is loaded" says "$W/de.log" 'stage-1: the keymap is loaded'
  ok "keymap: a German keyboard types the passphrase" says "$W/de.log" 'end of stage 2'
  says "$W/de.log" 'end of stage 2' || grep stage-1 "$W/de.log"
  configured_initrd "$W/initrd-us" "$root };"
  pressed "$W/us.log" "$W/initrd-us" "$W/typed.img" y z bracket_right ret
  ok "keymap: an American one does not" says "$W/us.log" 'asking again for the passphrase of crypt'
  ok "keymap: nothing of it where none is set" says_not "$W/us.log" keymap
fi
[ -z "${KEEP-}" ] || cp "$W"/*.log "$KEEP"
finish
