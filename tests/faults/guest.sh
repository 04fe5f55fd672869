#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs power.sh in a QEMU guest, where the host's kernel lacks what that takes (loop devices, FUSE, a file system): guest.sh ARGUMENT...
# The guest has Debian's cloud kernel and the host's root folder, read-only (virtiofs); its /tmp and /dev/shm are its own memory.
source "$(dirname "$0")/../vm/lib.sh"
virtiofsd=/usr/lib/qemu/virtiofsd
[ -x $virtiofsd ] && [ -x /bin/busybox ] || { echo "SKIP: a guest needs Debian's virtiofsd and busybox-static"; exit 77; }
debian_kernel
modules="virtio_pci virtiofs loop xfs btrfs libcrc32c crc32c_generic"

# An initrd of busybox and the modules; its init makes the host's root its own and runs what the host wrote into the script.
make_initrd() {
  local tree=$W/initrd file
  mkdir -p "$tree"/{bin,proc,sys,dev,host}
  cp /bin/busybox "$tree/bin/"
  for file in $modules; do modprobe -d "$K" -S "$V" --show-depends "$file"; done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$W/order"
  while read -r file; do
    cp "$file" "$tree/"
    echo "busybox insmod /$(basename "$file")"
  done <"$W/order" >"$tree/load"
  cat >"$tree/init" <<'INIT'
#!/bin/busybox sh
export PATH=/bin
busybox mount -t proc none /proc
busybox mount -t sysfs none /sys
. /load
busybox mount -t virtiofs -o ro host /host || busybox poweroff -f
for fs in proc:/proc sysfs:/sys devtmpfs:/dev tmpfs:/tmp tmpfs:/run; do busybox mount -t ${fs%%:*} none /host${fs#*:}; done
busybox mkdir -p /host/dev/shm
busybox mount -t tmpfs -o size=80% none /host/dev/shm
busybox ip link set lo up
busybox cp /script /host/tmp/script
busybox chroot /host /bin/bash /tmp/script
busybox poweroff -f
INIT
  cp "$W/script" "$tree/script"
  chmod 755 "$tree/init"
  (cd "$tree" && find . | cpio -o -H newc 2>/dev/null) >"$W/initrd.img"
}
# What the guest says before its own words come, and its exit status, are told by marks.
make_script() {
  {
    printf 'export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp FAULTS_GUEST=1 KERNIX_BUILD=%q\n' "$KERNIX_BUILD"
    export -p | grep -E '^declare -x (POINTS|OPERATIONS_ONLY|LIMIT|JOBS|NIX_EVERY|SHORT_[A-Z]*)=' || :
    echo "echo '<begin>'"
    printf '%q ' "$KERNIX_SRC/tests/faults/power.sh" "$@"
    printf '2>&1\necho "<end $?>"\n'
  } >"$W/script"
}

make_script "$@"
make_initrd
$virtiofsd --socket-path="$W/socket" -o source=/ -o cache=always -o sandbox=chroot >"$W/virtiofsd.log" 2>&1 &
server=$!
for _ in $(seq 100); do [ ! -S "$W/socket" ] || break; sleep 0.05; done
qemu-system-x86_64 -accel tcg -smp 2 -m 3072 -object memory-backend-memfd,id=mem,size=3072M,share=on -numa node,memdev=mem \
  -chardev socket,id=fs,path="$W/socket" -device vhost-user-fs-pci,chardev=fs,tag=host -nodefaults -display none -serial stdio -no-reboot \
  -kernel "$KERNEL" -initrd "$W/initrd.img" -append "console=ttyS0 quiet loglevel=2 no_timer_check panic=-1" </dev/null 2>&1 | tr -d '\r' | tee "$W/log" | sed -n '/^<begin>/,$p' | grep -v '^<' || :
kill $server 2>/dev/null || :
status=$(sed -n 's/^<end \([0-9]*\)>.*/\1/p' "$W/log")
[ -n "$status" ] || { tail -n 20 "$W/log" "$W/virtiofsd.log"; status=1; }
if [ -n "${KERNIX_REPORT:-}" ]; then sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2 0/p' "$W/log" | tail -n 1 >"$KERNIX_REPORT"; fi
exit "$status"
