#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What opens an encrypted root: a passphrase typed on a keyboard that is not American, and a TPM2 chip (swtpm, enrolled by Debian's
# systemd-cryptenroll). keys.sh [NAME...]: only these.
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
# --- a TPM2 chip ---

# Starts a chip whose state is in the folder, for QEMU or (with a server) for systemd-cryptenroll; sets CHIP, its process.
chip() { # FOLDER WORD...
  local folder=$1 i
  shift
  mkdir -p "$folder"
  rm -f "$folder"/sock*
  swtpm socket --tpm2 --tpmstate "dir=$folder" "$@" >/dev/null 2>&1 &
  CHIP=$!
  for i in $(seq 50); do [ -S "$folder/sock" ] && break || sleep 0.1; done
}
enroll() { # IMAGE PASSPHRASE FOLDER WORD...
  local image=$1 passphrase=$2 folder=$3
  shift 3
  chip "$folder" --server "type=unixio,path=$folder/sock" --ctrl "type=unixio,path=$folder/sock.ctrl" --flags startup-clear
  PASSWORD=$passphrase systemd-cryptenroll "--tpm2-device=swtpm:path=$folder/sock" --tpm2-pcrs= "$@" "$image" >"$W/enroll.log" 2>&1 || cat "$W/enroll.log"
  kill $CHIP 2>/dev/null || :
  wait $CHIP || :
}
# with_chip LOG FOLDER IMAGE LINE...: boots with this chip, and types the lines.
with_chip() {
  local log=$1 folder=$2 image=$3
  shift 3
  chip "$folder" --ctrl "type=unixio,path=$folder/sock" --terminate
  boot_typing "$log" "$W/initrd-tpm2" "quiet rootdelay=8" "$(disk "$image") -chardev socket,id=chip,path=$folder/sock -tpmdev emulator,id=tpm,chardev=chip -device tpm-tis,tpmdev=tpm" "$@"
  kill $CHIP 2>/dev/null || :
  wait $CHIP || :
}
if is_wanted tpm2 && ! command -v swtpm systemd-cryptenroll >/dev/null; then
  echo "skipped: tpm2 (swtpm or systemd-cryptenroll is not installed)"
elif is_wanted tpm2; then
  encrypted "$W/tpm2.img" secret
  cp "$W/tpm2.img" "$W/pin.img"
  configured_initrd "$W/initrd-tpm2" "$root crypttabExtraOpts = [ \"tpm2-device=auto\" ]; };"
  enroll "$W/tpm2.img" secret "$W/chip"
  with_chip "$W/tpm2.log" "$W/chip" "$W/tpm2.img"
  ok "tpm2: the chip opens it, nothing is asked" says "$W/tpm2.log" '^end of stage 2'
  ok "tpm2: no question" says_not "$W/tpm2.log" 'Passphrase'
  says "$W/tpm2.log" 'end of stage 2' || grep -v '^\[ ' "$W/tpm2.log" | tail -n 20
  with_chip "$W/other-chip.log" "$W/other" "$W/tpm2.img" secret
  ok "tpm2: another chip does not" says "$W/other-chip.log" 'no token opens crypt: '
  ok "tpm2: then a passphrase is asked for" says "$W/other-chip.log" '^end of stage 2'
  boot_typing "$W/no-chip.log" "$W/initrd-tpm2" "quiet rootdelay=8" "$(disk "$W/tpm2.img")" secret
  ok "tpm2: without a chip it is said what is waited for" says "$W/no-chip.log" 'stage 1 waits for a TPM2 chip'
  ok "tpm2: without a chip a passphrase opens it" says "$W/no-chip.log" '^end of stage 2'
  NEWPIN=4711 enroll "$W/pin.img" secret "$W/pin-chip" --tpm2-with-pin=yes
  with_chip "$W/pin.log" "$W/pin-chip" "$W/pin.img" 1234 4711
  ok "tpm2: a chip that wants a PIN asks for it" says "$W/pin.log" 'PIN of the token for crypt'
  ok "tpm2: the PIN opens it" says "$W/pin.log" '^end of stage 2'
  says "$W/pin.log" 'end of stage 2' || grep -v '^\[ ' "$W/pin.log" | tail -n 20
fi
[ -z "${KEEP-}" ] || cp "$W"/*.log "$KEEP"
finish
