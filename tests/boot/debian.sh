#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A whole Debian with systemd in QEMU is given a kernel by `nixos-rebuild boot`: systemd comes up on it with the declared sysctl, modules, parameters and
# services, and its unit confirms the start; the boot after that is the default; `switch --rollback` stops and starts what differs. DEBIAN_ROOT: an unpacked Debian to take instead of a new one.
source "$(dirname "$0")/vm-lib.sh"
debian_kernel
build_stage1
debian_root() { # made once
  local dir=$KERNIX_BUILD/debian-root
  [ -e "$dir/done" ] || {
    rm -rf "$dir" && mkdir -p "$dir"
    debootstrap --variant=minbase --include=systemd-sysv,udev,kmod,procps,dbus bookworm "$dir/root" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"$dir/log" 2>&1 || {
      tail -n 5 "$dir/log"
      echo "no Debian could be unpacked"
      exit 77
    }
    touch "$dir/done"
  }
  DEBIAN_ROOT=$dir/root
}
[ -n "${DEBIAN_ROOT:-}" ] || debian_root
mkdir -p "$M"
cp -a "$DEBIAN_ROOT/." "$M/"
rm -rf "$M"/var/cache/apt "$M"/var/lib/apt/lists "$M"/usr/share/{doc,locale,man}
mkdir -p "$M/boot/grub/i386-pc" "$M/nix" "$M/usr/local/bin" "$M/var/lib/apt/lists" "$M/var/cache/apt"
cp "$KERNIX_BUILD/kernix" "$M/usr/local/bin/kernix"
for lib in $(ldd "$KERNIX_BUILD/kernix" | sed -n 's/.*[[:blank:]]\(\/[^ ]*\) (0x.*/\1/p' | sort -u); do
  [ -e "$M$lib" ] || cp -L "$lib" "$M/usr/lib/x86_64-linux-gnu/"
done
echo 'LABEL=machine / ext4 defaults 0 1' >"$M/etc/fstab"
echo machine >"$M/etc/hostname"
cp "$KERNEL" "$M/boot/vmlinuz"
initrd "$M/boot/initrd.img" '"availableKernelModules":["virtio_pci","virtio_blk"],"fileSystems":[{"device":"LABEL=machine","mountPoint":"/","fsType":"ext4"}]'
cat >"$M/usr/local/bin/report" <<'END'
#!/bin/sh
# What this start of the machine looks like, on its console; then it is turned off.
exec >/dev/console 2>&1
echo "BOOTED $(uname -r) init $(cat /proc/1/comm)"
echo "CMDLINE $(cat /proc/cmdline)"
systemctl --no-pager --plain --no-legend --failed | sed 's/^/FAILED-UNIT /'
echo "CONFIRM $(systemctl is-active kernix-boot-confirm.service) $(systemctl show -p Result kernix-boot-confirm.service)"
/usr/local/bin/kernix boot status | sed 's/^/STATUS /'
echo "SYSRQ $(cat /proc/sys/kernel/sysrq) DUMMY $(ls -d /sys/module/dummy)"
echo "MODPROBE $(modprobe -c | grep '^options loop')"
services() { echo "$1 earlyoom $(systemctl is-active earlyoom.service) beacon $(systemctl is-active beacon.service)"; }
services SERVICES
if [ -e /run/systemd/system/beacon.service ]; then
	ln -sf kernix /usr/local/bin/nixos-rebuild
	nixos-rebuild switch --rollback 2>&1 | sed 's/^/SWITCH /'
	services SWITCHED
fi
echo END
END
chmod +x "$M/usr/local/bin/report"
cat >"$M/etc/systemd/system/report.service" <<'END'
[Unit]
After=kernix-boot-confirm.service systemd-modules-load.service earlyoom.service beacon.service
SuccessAction=reboot-force
FailureAction=reboot-force
[Service]
Type=oneshot
ExecStart=/usr/local/bin/report
[Install]
WantedBy=multi-user.target
END
mkdir -p "$M/etc/systemd/system/multi-user.target.wants"
ln -s /dev/null "$M/etc/systemd/system/serial-getty@ttyS0.service" # its prompt would share lines with the report
ln -s ../report.service "$M/etc/systemd/system/multi-user.target.wants/report.service"
cp /usr/lib/grub/i386-pc/*.mod /usr/lib/grub/i386-pc/*.lst "$M/boot/grub/i386-pc/"
cat >"$M/boot/grub/grub.cfg" <<'END'
serial --unit=0 --speed=115200
terminal_output serial
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
start() { qemu 400 -m 1024 -drive "file=$W/disk.img,if=virtio,format=raw"; }
new='^BOOTED 6\.12\.[0-9]+.* init systemd'

image
start
ran "Debian's own kernel before" "^BOOTED $(printf %s "$V" | sed 's/[.+]/\\&/g') init systemd"

configuration 'services.earlyoom.enable = true; boot.extraModprobeConfig = "options loop max_loop=3";'
provide
ok "nixos-rebuild boot" rebuild boot
image
start
ran "systemd on the new kernel" "$new" '^SYSRQ 1 DUMMY /sys/module/dummy' '^MODPROBE .*max_loop=3' '^SERVICES earlyoom active beacon inactive'
ran "its unit confirms" '^CONFIRM active Result=success'
ok "no unit failed" says_not "$W/log" '^FAILED-UNIT'
start
ran "and it is the default" "$new" '^STATUS default: kernix-1'

configuration 'systemd.services.beacon = { wantedBy = [ "multi-user.target" ]; serviceConfig.Type = "oneshot"; serviceConfig.RemainAfterExit = true; script = "echo shines"; };'
provide
ok "another generation" rebuild boot
image
start
ran "has its own services" "$new" '^SERVICES earlyoom inactive beacon active' '^CONFIRM active Result=success'
ran "switch --rollback" '^SWITCH +stop beacon.service' '^SWITCH +start earlyoom.service' '^SWITCHED earlyoom active beacon inactive'
finish
