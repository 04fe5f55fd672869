#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The same with systemd-boot under UEFI (OVMF): the entry with a count is started, confirmed by the guest; one whose kernel panics is left.
source "$(dirname "$0")/vm-lib.sh"
debian_kernel
build_stage1
machine_new
# The EFI system partition, mounted on /boot, with what `bootctl install` and the distribution put there.
mkdir -p "$M"/boot/{EFI/BOOT,EFI/systemd,loader/entries}
cp /usr/lib/systemd/boot/efi/systemd-bootx64.efi "$M/boot/EFI/BOOT/BOOTX64.EFI"
cp /usr/lib/systemd/boot/efi/systemd-bootx64.efi "$M/boot/EFI/systemd/"
printf 'timeout 0\ndefault debian-*\n' >"$M/boot/loader/loader.conf"
printf 'title Debian\nlinux /vmlinuz\ninitrd /initrd.img\noptions root=LABEL=machine rw console=ttyS0 quiet no_timer_check\n' >"$M/boot/loader/entries/debian-6.1.conf"
for module in vfat fat nls_cp437 nls_ascii; do # what the distribution's kernel needs to mount it
  find "$K/lib/modules/$V" -name "$module.ko*" | while read -r file; do
    mkdir -p "$M$(dirname "${file#"$K"}")" && cp "$file" "$M${file#"$K"}"
  done
done
depmod -b "$M" "$V" 2>/dev/null

image() { # the root without /boot, and an EFI system partition of its own
  mv "$M/boot" "$W/boot" && mkdir "$M/boot"
  machine_image 0
  rmdir "$M/boot" && mv "$W/boot" "$M/boot"
  truncate -s 0 "$W/esp.img"
  truncate -s "$(($(du -sm --apparent-size "$M/boot" | cut -f1) + 40))M" "$W/esp.img"
  mkfs.vfat -n ESP "$W/esp.img" >/dev/null
  mcopy -i "$W/esp.img" -s "$M"/boot/* ::
}
start() { # what the loader and the guest changed comes back into the folder
  qemu 200 -drive if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE.fd -drive "if=pflash,format=raw,file=$W/vars.fd" \
    -drive "file=$W/disk.img,if=virtio,format=raw" -drive "file=$W/esp.img,if=virtio,format=raw"
  rm -rf "$M/boot" && mkdir "$M/boot"
  mcopy -i "$W/esp.img" -s -m '::*' "$M/boot/"
}
cp /usr/share/OVMF/OVMF_VARS.fd "$W/vars.fd"
entries() { (cd "$M/boot/loader/entries" && echo kernix*); }
new='^BOOTED 6\.12\.[0-9]+'

configuration ''
provide
ok "nixos-rebuild boot" rebuild boot
ok "the entry has one try" test "$(entries)" = kernix-1+1.conf
image
start
ran "the new kernel runs" "$new" '^CONFIRM kernix-1 has come up'
ok "it has no count any more" test "$(entries)" = kernix-1.conf
[ $failed = 0 ] || { finish; exit 1; }

configuration 'boot.kernelParams = [ "panic=1" "rdinit=/nonexistent" ];'
provide
ok "a kernel that panics" rebuild boot
image
start
ran "it is tried" 'Kernel panic'
ok "the loader has counted" test "$(entries)" = "kernix-1.conf kernix-2+0-1.conf"
start
ran "the boot after that starts the last good one" "$new" '^CONFIRM .*kernix-2 was started and did not come up; the default is kernix-1'
ok "uninstall" rebuild uninstall
ok "as it was" test "$(cat "$M/boot/loader/loader.conf" | tail -n 1) $(ls "$M/boot/loader/entries")" = "default debian-* debian-6.1.conf"
finish
