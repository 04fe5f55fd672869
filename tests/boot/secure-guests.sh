#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Machines whose firmware (OVMF) has Secure Boot on: what kernix signs starts, what is not signed is refused by firmware, shim or GRUB.
# secure-guests.sh [ROW]...: own-systemd own-uki shim-grub shim-uki shim-systemd uki-tries enroll; default all.
source "$(dirname "$0")/vm-lib.sh"
global=8be4df61-93ca-11d2-aa0d-00e098032b8c image=d719b2cb-3d3a-4596-a3bc-dad00e67656f shim=605dab50-e046-4300-abb6-3dd810dd8b23
LIMIT=500 # seconds of a start; a guest without KVM on a busy machine takes minutes
refusal='Access [Dd]enied|Security Violation|bad shim signature|Verification failed|prohibited by secure boot'
new='^BOOTED 6\.12\.[0-9]+'
debian_kernel
build_stage1
sbkeys=$W/keys
"$KERNIX_BUILD/kernix" boot keys --root "$W" --dir "$sbkeys" >/dev/null
"$KERNIX_BUILD/kernix" boot keys --root "$W" --dir "$sbkeys" --own >/dev/null
signed() { sbsign --key "$sbkeys/$1.key" --cert "$sbkeys/$1.pem" --output "$3" "$2" 2>/dev/null; } # KEY FILE OUT
variable() { python3 "$KERNIX_SRC/tests/boot/varstore.py" "$W/vars.fd" "$@"; }

fresh() { # LOADER KEY: a machine whose ESP is /boot (systemd-boot) or /boot/efi (GRUB)
  esp=/boot/efi
  rm -rf "$M" && machine_new
  [ "$1" = grub ] || esp=/boot
  mkdir -p "$M$esp/EFI/BOOT" "$M/etc/kernix"
  cp -rp "$sbkeys" "$M/etc/kernix/secureboot"
  sed -i "s|mount -t vfat /dev/vdb /boot|mount -t vfat /dev/vdb $esp; modprobe efivarfs; mount -t efivarfs none /sys/firmware/efi/efivars|; s|^umount /boot|umount $esp|" "$M/sbin/init"
  for module in vfat fat nls_cp437 nls_ascii efivarfs; do # of the distribution's kernel
    find "$K/lib/modules/$V" -name "$module.ko*" | while read -r file; do
      mkdir -p "$M$(dirname "${file#"$K"}")" && cp "$file" "$M${file#"$K"}"
    done
  done
  depmod -b "$M" "$V" 2>/dev/null
  esp=$M$esp key=$2
  case $1 in
    grub)
      mkdir -p "$esp/EFI/debian" "$M/boot/grub"
      printf 'search --no-floppy --label machine --set root\nset prefix=($root)/boot/grub\nconfigfile $prefix/grub.cfg\n' >"$esp/EFI/debian/grub.cfg"
      printf 'set default="0"\nset timeout=0\nmenuentry host { echo HOST; sleep 1; halt }\nif [ -f $prefix/custom.cfg ]; then source $prefix/custom.cfg; fi\n' >"$M/boot/grub/grub.cfg"
      cp /usr/lib/shim/shimx64.efi.signed "$esp/EFI/BOOT/BOOTX64.EFI"
      cp /usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed "$esp/EFI/BOOT/grubx64.efi"
      ;;
    systemd-boot)
      mkdir -p "$esp/EFI/systemd" "$esp/loader/entries"
      printf 'timeout 0\n' >"$esp/loader/loader.conf"
      signed "$key" /usr/lib/systemd/boot/efi/systemd-bootx64.efi "$esp/EFI/systemd/systemd-bootx64.efi"
      cp "$esp/EFI/systemd/systemd-bootx64.efi" "$esp/EFI/BOOT/BOOTX64.EFI"
      if [ "$key" = mok ]; then
        cp /usr/lib/shim/shimx64.efi.signed "$esp/EFI/BOOT/BOOTX64.EFI"
        cp "$esp/EFI/systemd/systemd-bootx64.efi" "$esp/EFI/BOOT/grubx64.efi"
      fi
      ;;
  esac
}
firmware() { # own: db, KEK and PK are ours. mok: Microsoft's keys, and ours for shim
  local list
  cp "/usr/share/OVMF/OVMF_VARS_4M$([ "$1" = mok ] && echo .ms).fd" "$W/vars.fd"
  if [ "$1" = mok ]; then
    sbsiglist --owner 11111111-2222-3333-4444-123456789abc --type x509 --output "$W/mok.esl" "$sbkeys/mok.cer"
    variable MokList $shim 3 "$W/mok.esl"
  else
    for list in db:$image KEK:$global PK:$global; do variable "${list%%:*}" "${list#*:}" 0x27 "$sbkeys/${list%%:*}.esl"; done
  fi
}
images() { # the root without the ESP, and the ESP
  local at=${esp#"$M"}
  mv "$esp" "$W/esp" && mkdir "$esp"
  machine_image 0
  rmdir "$esp" && mv "$W/esp" "$M$at"
  truncate -s 0 "$W/esp.img"
  truncate -s "$(($(du -sm --apparent-size "$esp" | cut -f1) + 120))M" "$W/esp.img"
  mkfs.vfat -F 32 -n ESP "$W/esp.img" >/dev/null
  mcopy -i "$W/esp.img" -s "$esp"/* ::
}
start() { # [PATTERN]: until the machine turns itself off, or its console says the pattern
  local until=${1:-no such line} pid second
  images
  : >"$W/raw"
  qemu-system-x86_64 -accel tcg -m 512 -nodefaults -display none -serial "file:$W/raw" -no-reboot \
    -machine q35,smm=on -global driver=cfi.pflash01,property=secure,value=on -global ICH9-LPC.disable_s3=1 \
    -drive if=pflash,format=raw,unit=0,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.secboot.fd -drive "if=pflash,format=raw,unit=1,file=$W/vars.fd" \
    -drive "file=$W/disk.img,if=virtio,format=raw" -drive "file=$W/esp.img,if=virtio,format=raw" </dev/null >"$W/qemu.log" 2>&1 &
  pid=$!
  for ((second = 0; second < LIMIT; second++)); do
    kill -0 $pid 2>/dev/null && ! grep -qaE "$until" "$W/raw" || break
    sleep 1
  done
  kill $pid 2>/dev/null || :
  wait $pid 2>/dev/null || :
  tr -d '\r' <"$W/raw" >"$W/log"
}
back() { # what loader and guest wrote comes back into the folder
  find "$esp" -mindepth 1 -delete
  mcopy -i "$W/esp.img" -s -m '::*' "$esp/"
}
secured() { # MORE
  configuration "boot.kernix.secureBoot = { enable = true; keyFile = \"/etc/kernix/secureboot/$key.key\"; certFile = \"/etc/kernix/secureboot/$key.pem\"; }; $1"
}
installed() { # NAME
  provide
  ok "$1: nixos-rebuild boot" rebuild boot --permanent
}
refused() { # NAME: the next start does not reach the kernel
  local before=$failed
  start "$refusal"
  ok "$1: is refused" says "$W/log" "$refusal"
  ok "$1: does not start" says_not "$W/log" "$new"
  [ "$failed" = "$before" ] || tail -c 3000 "$W/log" | sed 's/^/    /'
}
unsign() { # FILE...: all signatures, for Debian's kernel has Debian's, too
  local file
  for file; do
    while sbverify --list "$file" 2>/dev/null | grep -q '^signature'; do sbattach --remove "$file" 2>/dev/null; done
  done
}

row_own_systemd() {
  fresh systemd-boot db
  firmware own
  secured ''
  installed own-systemd
  start
  ran "own keys, systemd-boot: a signed kernel runs" "$new" '^STATUS Secure Boot: on: what is not signed is refused'
  unsign "$M"/boot/kernix/*-kernel
  refused "own keys, systemd-boot: an unsigned kernel"
}
row_own_uki() {
  fresh systemd-boot db
  firmware own
  secured 'boot.kernix.uki.enable = true;'
  installed own-uki
  start
  ran "own keys: a unified image runs" "$new" '^CMDLINE init=.*panic=[13]0' '^STATUS Secure Boot: on'
  unsign "$M"/boot/EFI/Linux/*.efi
  refused "own keys: an unsigned image"
}
row_shim_grub() {
  fresh grub mok
  firmware mok
  secured ''
  installed shim-grub
  start
  ran "shim, GRUB: a kernel signed by the machine's owner runs" "$new" '^STATUS shim: has started this system' '^STATUS   MokListRT: CN = kernix: machine owner key'
  unsign "$M"/boot/kernix/*-kernel
  refused "shim, GRUB: an unsigned kernel"
}
row_shim_uki() {
  fresh grub mok
  firmware mok
  secured 'boot.kernix.uki.enable = true;'
  installed shim-uki
  start
  ran "shim, GRUB: a unified image runs" "$new" '^CMDLINE init=.*panic=[13]0'
  unsign "$M"/boot/kernix/*-uki
  refused "shim, GRUB: an unsigned image"
}
row_shim_systemd() {
  fresh systemd-boot mok
  firmware mok
  secured 'boot.kernix.uki.enable = true;'
  installed shim-systemd
  start
  ran "shim, systemd-boot: a unified image runs" "$new" '^STATUS shim: has started this system'
  unsign "$M"/boot/EFI/Linux/*.efi
  refused "shim, systemd-boot: an unsigned image"
}
# Two images: the loader tries the newer one once, and goes back to the older one by itself.
row_uki_tries() {
  fresh systemd-boot db
  firmware own
  secured 'boot.kernix.uki.enable = true;'
  provide
  ok "tries: nixos-rebuild boot" rebuild boot
  start
  back
  ran "tries: the image is tried and confirmed" "$new" '^CONFIRM kernix-1 has come up'
  ok "tries: its name says so" test "$(ls "$M/boot/EFI/Linux")" = kernix-2-1.efi
  secured 'boot.kernix.uki.enable = true; boot.kernelParams = [ "panic=1" "rdinit=/nonexistent" ];'
  provide
  ok "tries: an image that panics" rebuild boot
  start
  back
  ran "tries: it is tried" 'Kernel panic'
  ok "tries: the loader has counted" test "$(cd "$M/boot/EFI/Linux" && echo *)" = "kernix-2-1.efi kernix-3-2+0-1.efi"
  start
  ran "tries: the boot after that starts the last good one" "$new" '^CONFIRM .*kernix-2 was started and did not come up; the default is kernix-1'
}
# A firmware in setup mode takes keys from the running system, and refuses them later.
row_enroll() {
  local program lib
  fresh systemd-boot db
  cp /usr/share/OVMF/OVMF_VARS_4M.fd "$W/vars.fd"
  for program in sbsiglist sbvarsign; do
    cp /usr/bin/$program "$M/bin/"
    for lib in $(ldd /usr/bin/$program | sed -n 's/.*[[:blank:]]\(\/[^ ]*\) (0x.*/\1/p'); do mkdir -p "$M$(dirname "$lib")" && cp -L "$lib" "$M$lib"; done
  done
  sed -i 's|^kernix boot status|kernix boot keys --own --enroll 2>\&1 \| sed "s/^/KEYS /"\n&|' "$M/sbin/init"
  secured ''
  installed enroll
  start
  ran "enroll: in setup mode" '^KEYS written: db' '^KEYS written: KEK' '^KEYS written: PK'
  start
  ran "enroll: Secure Boot is on at the next start" "$new" '^STATUS Secure Boot: on' '^STATUS   db: +CN = kernix: kernels of' '^KEYS .*the firmware is in user mode'
}
for row in "${@:-own-systemd own-uki shim-grub shim-uki shim-systemd uki-tries enroll}"; do
  for one in $row; do "row_${one//-/_}"; done
done
finish
