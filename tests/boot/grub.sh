#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Row 02 of the wiki page, seen to its end: a machine with GRUB and a kernel of its own gets a new kernel by `nixos-rebuild boot`; after a
# reboot `uname -r` says the new one. A generation whose kernel panics is left by itself, and uninstall gives the old machine back.
source "$(dirname "$0")/vm-lib.sh"
debian_kernel
build_stage1
machine_new
mkdir -p "$M/boot/grub/i386-pc"
cp /usr/lib/grub/i386-pc/*.mod /usr/lib/grub/i386-pc/*.lst "$M/boot/grub/i386-pc/"
# In the shape of Debian's: the default, the distribution's entry, and at the end what 41_custom writes.
cat >"$M/boot/grub/grub.cfg" <<'END'
serial --unit=0 --speed=115200
terminal_output serial
if [ -s $prefix/grubenv ]; then set have_grubenv=true; load_env; fi
set default="0"
set timeout=0
menuentry 'Debian GNU/Linux' --class debian --id 'gnulinux-simple' {
	linux /boot/vmlinuz root=LABEL=machine rw console=ttyS0 quiet no_timer_check
	initrd /boot/initrd.img
}
if [ -f  ${config_directory}/custom.cfg ]; then
  source ${config_directory}/custom.cfg
elif [ -z "${config_directory}" -a -f  $prefix/custom.cfg ]; then
  source $prefix/custom.cfg
fi
END
grub-mkimage -O i386-pc -p '(hd0,msdos1)/boot/grub' -o "$W/core.img" biosdisk part_msdos ext2

image() { # MBR, GRUB's core behind it, the root in the first partition
  machine_image 1048576
  printf 'label: dos\nstart=1M,bootable,type=83\n' | sfdisk -q "$W/disk.img"
  dd if=/usr/lib/grub/i386-pc/boot.img of="$W/disk.img" bs=440 count=1 conv=notrunc status=none
  dd if="$W/core.img" of="$W/disk.img" bs=512 seek=1 conv=notrunc status=none
}
start() { # boots it once; what it wrote to /boot/kernix comes back into the folder
  qemu 150 -drive "file=$W/disk.img,if=virtio,format=raw"
  dd if="$W/disk.img" of="$W/part.img" bs=1M skip=1 status=none
  rm -rf "$M/boot/kernix"
  e2fsck -fp "$W/part.img" >/dev/null 2>&1 || :
  debugfs -R "rdump /boot/kernix $M/boot" "$W/part.img" >/dev/null 2>&1
}
new='^BOOTED 6\.12\.[0-9]+' old="^BOOTED $(printf %s "$V" | sed 's/[.+]/\\&/g')\$"

configuration ''
provide
ok "nixos-rebuild boot" rebuild boot
image
start
ran "the new kernel runs" "$new" '^CMDLINE .*init=/nix/store/[a-z0-9]*-nixos-system-.*console=ttyS0 quiet' '^CONFIRM kernix-1 has come up'
[ $failed = 0 ] || { finish; exit 1; }
start
ran "and at every boot after that" "$new" '^STATUS default: kernix-1' '^STATUS .*has come up  running'

configuration 'boot.kernelParams = [ "panic=1" "rdinit=/nonexistent" ];'
provide
ok "a kernel that panics" rebuild boot
image
start
ran "it is tried" 'Kernel panic'
: >"$M/switches"
debugfs -w -R "write $M/switches switches" "$W/part.img" >/dev/null 2>&1
dd if="$W/part.img" of="$W/disk.img" bs=1M seek=1 conv=notrunc status=none
start
ran "the boot after that starts the last good one" "$new" '^CONFIRM .*kernix-2 was started and did not come up; the default is kernix-1' '^STATUS default: kernix-1'
ran "switch --rollback in the running system" '^SWITCH   set the sysctl kernel.sysrq = 1 .now 0' '^SWITCH   load the module dummy' \
  '^SYSRQ 1 kernel.sysrq=1 DUMMY /sys/module/dummy' '^SWITCH   make kernix-1|^SWITCH generation 1 is the default' '^AGAIN error: no generation is older'
rm "$M/switches"

ok "uninstall" rebuild uninstall
ok "nothing is left" test ! -e "$M/boot/kernix" -a ! -e "$M/boot/grub/custom.cfg"
image
start
ran "the distribution's own kernel again" "$old"
finish
