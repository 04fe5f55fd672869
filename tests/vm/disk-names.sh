#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Disks by the names that udev gives them (/dev/disk/by-id, by-path): Debian's udev runs in a guest with disks of all kinds,
# and what stage 1 makes of each name is compared; then the root is named so. disk-names.sh [KERNEL-FOLDER]: with another
# kernel than Debian's for clouds, which has neither USB nor AHCI.
source "$(dirname "$0")/lib.sh"
debian_kernel
if [ -n "${1-}" ]; then
  K=$1 V=$(ls "$1/lib/modules")
  KERNEL=$K/boot/vmlinuz-$V CONFIG=$K/boot/config-$V
fi
build_stage1
gcc -std=gnu17 -D_GNU_SOURCE -static -I"$KERNIX_SRC/src" "$KERNIX_SRC"/tests/vm/disk-names.c "$KERNIX_SRC"/src/stage1/{blockdev,diskid,diskpath,sysdev,probe}.c -o "$W/compare"

# --- the root: udev, and what it needs ---

udev_files() {
  local program
  mkdir -p "$W/root/usr/lib/udev" "$W/root/etc"
  for program in /usr/bin/udevadm /usr/lib/udev/{ata_id,scsi_id,cdrom_id}; do
    (cd / && cp -L --parents "${program#/}" $(ldd "$program" | grep -o '/[^ ]*' | sed 's,^/,,') "$W/root")
  done
  mkdir -p "$W/root/lib/systemd" && ln -s /usr/bin/udevadm "$W/root/lib/systemd/systemd-udevd" && ln -s ../usr/lib/udev "$W/root/lib/udev"
  mkdir -p "$W/root/usr/lib/udev/rules.d" && cp /usr/lib/udev/rules.d/{50-udev-default,60-block,60-persistent-storage}.rules "$W/root/usr/lib/udev/rules.d"
  echo 'root:x:0:0::/:/bin/sh' >"$W/root/etc/passwd"
  echo 'root:x:0:' >"$W/root/etc/group"
}
root_tree "$W/root" 'grep " / " /proc/mounts; [ -z "$1" ] || exec /bin/busybox reboot -f
B=/bin/busybox; $B mkdir -p /run/udev; /lib/systemd/systemd-udevd --daemon; udevadm trigger --type=subsystems; udevadm trigger; udevadm settle
/compare $($B find /dev/disk/by-id /dev/disk/by-path -type l); ls -la /sys/class/block | grep -v virtual; echo "end of stage 2"'
udev_files
cp "$W/compare" "$W/root/compare"
mke2fs -q -t ext4 -d "$W/root" "$W/ext4.img" 48M
truncate -s 50M "$W/disk.img"
printf 'label: gpt\nstart=1M,size=48M\n' | sfdisk -q "$W/disk.img"
dd if="$W/ext4.img" of="$W/disk.img" bs=1M seek=1 conv=notrunc status=none
truncate -s 1M "$W/other.img"
printf 'label: gpt\nsize=64K\n' | sfdisk -q "$W/other.img"

# --- the machine ---

# disk_on IMAGE DEVICE: a drive on a device of that kind.
number=0
disk_on() {
  number=$((number + 1))
  disks+=(-drive "file=$1,if=none,id=n$number,format=raw,snapshot=on" -device "$2,drive=n$number")
}
modules='"kernelModules":[],"availableKernelModules":["virtio_pci","virtio_blk","virtio_scsi","sd_mod","ata_piix","ext4"]'
[ ! -e "$K/lib/modules/$V/kernel/drivers/usb/storage/usb-storage.ko" ] || modules=${modules%]}',"ahci","nvme","xhci_pci","usb_storage","uas","sdhci_pci","mmc_block"]'
initrd "$W/initrd" "$modules,\"compressor\":\"gzip\""
machine() { # IMAGE-OF-THE-ROOT'S KIND
  local kind others=$W/other.img
  disks=() number=0
  image() { [ "$1" = "$kind" ] && echo "$W/disk.img" || echo "$others"; }
  kind=$1
  disk_on "$(image ata)" 'ide-hd,bus=ide.0,unit=1,serial=QM 00/7,model=ACME  Disk,wwn=0x5000c50015ea71ac'
  disk_on "$others" 'ide-hd,bus=ide.1,unit=0'
  disk_on "$(image nvme)" 'nvme,serial=nv 1'
  disk_on "$(image virtio)" 'virtio-blk,serial=v_1'
  disks+=(-device virtio-scsi,id=vs)
  disk_on "$(image scsi)" 'scsi-hd,bus=vs.0,lun=3,serial=s-1,wwn=0x5000c50015ea71ad'
  disk_on "$others" 'scsi-hd,bus=vs.0,scsi-id=2,product=odd name,vendor=V x'
  disks+=(-device qemu-xhci,id=xhci)
  disk_on "$(image usb)" 'usb-storage,bus=xhci.0,port=2,serial=usb 5'
  disks+=(-device usb-uas,bus=xhci.0,port=3,id=uas)
  disk_on "$others" 'scsi-hd,bus=uas.0,serial=u2'
  disks+=(-device ahci,id=ahci)
  disk_on "$others" 'ide-hd,bus=ahci.1,serial=AH1'
  disks+=(-device sdhci-pci)
  disk_on "$others" 'sd-card'
}
root_by() { # KIND NAME WANTED
  machine "$1"
  boot "$W/log" 90 "$W/initrd" "quiet root=/dev/disk/$2 rootfstype=ext4 rootdelay=10 boot.panic_on_fail" "${disks[@]}"
  ok "root by $2" says "$W/log" "^/dev/$3 / ext4"
  says "$W/log" "^/dev/$3 / ext4" || tail -n 20 "$W/log"
}

root=ata-ACME_Disk_QM_00_7-part1
[ -z "${1-}" ] || root=usb-QEMU_QEMU_HARDDISK_usb_5-0:0-part1
machine "${root%%-*}"
boot "$W/names" 120 "$W/initrd" "quiet root=/dev/disk/by-id/$root rw rootfstype=ext4 rootdelay=20 boot.panic_on_fail" "${disks[@]}"
ok "root by $root" says "$W/names" '^/dev/sd[a-z]1 / ext4'
ok "udev ran to its end" says "$W/names" 'end of stage 2'
ok "no name is another disk's, or nobody's" says_not "$W/names" '^wrong'
for name in ata- nvme-nvme nvme-QEMU virtio- scsi- wwn-; do
  ok "udev's names by-id/$name" says "$W/names" "^same /dev/disk/by-id/$name"
  ok "and of partitions" says "$W/names" "^same /dev/disk/by-id/$name.*-part1"
done
for way in ata- nvme-1 scsi-0:0:0:3; do ok "udev's names by-path/...$way" says "$W/names" "^same /dev/disk/by-path/pci-.*$way"; done
says_not "$W/names" '^wrong' && says "$W/names" 'end of stage 2' || cat "$W/names"
root_by nvme by-id/nvme-QEMU_NVMe_Ctrl_nv_1_1-part1 nvme0n1p1
root_by scsi by-id/wwn-0x5000c50015ea71ad-part1 'sd[a-z]1'
root_by virtio by-id/virtio-v_1-part1 vda1
[ -z "${KEEP-}" ] || cp "$W/names" "$KEEP"
finish
