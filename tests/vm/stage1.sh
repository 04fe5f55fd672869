#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Stage 1 boots Debian's prebuilt kernel, in which virtio_blk, ext4 and the rest are modules: root by every kind of name,
# modules by list and by modalias with their parameters, and a message when root never comes.
source "$(dirname "$0")/lib.sh"
debian_kernel
build_stage1

root_tree "$W/root" 'echo "stage 2 runs, args: $*"; cat /run/kernix/stage1-modules; grep " / " /proc/mounts
  echo "max_loop $(cat /sys/module/loop/parameters/max_loop)"; ls /init 2>&1; echo "end of stage 2"'
mke2fs -q -t ext4 -L 'nix os' -U 11111111-2222-3333-4444-555555555555 -d "$W/root" "$W/ext4.img" 8M
truncate -s 12M "$W/gpt.img" "$W/mbr.img"
printf 'label: gpt\nstart=1M,size=8M,uuid=AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE,name="nix root"\n' | sfdisk -q "$W/gpt.img"
printf 'label: dos\nlabel-id: 0xcafe1234\nstart=1M,size=8M\n' | sfdisk -q "$W/mbr.img"
for table in gpt mbr; do dd if="$W/ext4.img" of="$W/$table.img" bs=1M seek=1 conv=notrunc status=none; done

modules='"kernelModules":["loop","dm-mod"],"availableKernelModules":["virtio_pci","virtio_blk"],"modprobeConfig":"options loop max_loop=3\n"'
fs='"fileSystems":[{"device":"/dev/disk/by-label/nix\\x20os","mountPoint":"/","fsType":"ext4","options":["noatime"]}]'
initrd "$W/with-fs" "$modules,$fs"
initrd "$W/plain" "$modules,\"compressor\":\"gzip\",\"fileSystems\":[{\"device\":\"LABEL=not there\",\"mountPoint\":\"/\",\"fsType\":\"ext4\"}]"

# From the configuration alone, by label.
boot "$W/log" 60 "$W/with-fs" "" $(disk "$W/ext4.img")
for word in 'stage 2 runs, args: $' '^loop boot.initrd.kernelModules' '^dm_mod boot.initrd.kernelModules' '^virtio_blk device' \
  '^virtio_pci device' '^/dev/vda / ext4 rw,noatime' '^max_loop 3' 'end of stage 2' '/init: No such file'; do
  ok "configured root: $word" says "$W/log" "$word"
done

# By the kernel command line, in each way; it wins over the configuration.
while IFS='|' read -r image root more want; do
  boot "$W/log" 60 "$W/plain" "quiet root=$root $more" $(disk "$W/$image.img")
  ok "root=$root $more" says "$W/log" "$want"
done <<END
ext4|UUID=11111111-2222-3333-4444-555555555555||^/dev/vda / ext4 rw,relatime
gpt|PARTUUID=aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee|rw|^/dev/vda1 / ext4 rw
gpt|"PARTLABEL=nix root"|ro rootfstype=ext4|^/dev/vda1 / ext4 ro
mbr|PARTUUID=CAFE1234-01|rw|^/dev/vda1 / ext4 rw
ext4|/dev/vda|rootfstype=ext4 rw init=/sbin/init loop.max_loop=5|^max_loop 5
END

# Root never comes.
boot "$W/log" 60 "$W/plain" "root=UUID=dead-beef rootdelay=2 boot.panic_on_fail quiet" $(disk "$W/ext4.img")
for word in 'stage 1 cannot start the system: UUID=dead-beef \(for /\) did not appear in 2 seconds' \
  '/dev/vda +8 MiB TYPE=ext4 LABEL=nix os UUID=11111111-2222-3333-4444-555555555555' 'modules loaded:.* virtio_blk' 'giving up' 'Kernel panic'; do
  ok "no root: $word" says "$W/log" "$word"
done
boot "$W/log" 60 "$W/plain" "rootdelay=1 boot.panic_on_fail quiet"
ok "no disk: hint" says "$W/log" 'no block devices at all: the driver of the disk is missing'
boot "$W/log" 60 "$W/with-fs" "init=/nix/store/none boot.panic_on_fail quiet" $(disk "$W/ext4.img")
ok "no init" says "$W/log" '/nix/store/none is not there or cannot be run'

# A shell for the person, when the initrd has one; leaving it tries again.
initrd "$W/shell" "$modules,\"contents\":[{\"source\":\"/bin/busybox\",\"target\":\"/bin/sh\"}]"
mkfifo "$W/keys"
: >"$W/log"
timeout -k 5 90 qemu-system-x86_64 -accel tcg -m 384 -nodefaults -display none -serial stdio -no-reboot -kernel "$KERNEL" -initrd "$W/shell" \
  -append "console=ttyS0 panic=-1 quiet boot.shell_on_fail rootdelay=1 root=LABEL=none" <"$W/keys" >"$W/log" 2>&1 &
exec 4>"$W/keys"
for round in 1 2; do
  for _ in $(seq 120); do
    [ "$(grep -ac 'boot.shell_on_fail: a shell' "$W/log")" -lt $round ] || break
    sleep 0.5
  done
  if [ $round = 1 ]; then printf 'echo typed $((6 * 7))\nmodprobe dm_mod && echo loaded\nexit\n' >&4; fi
done
printf 'reboot -f\n' >&4
wait $! || :
exec 4>&-
tr -d '\r' <"$W/log" >"$W/log2"
ok "shell: obeys" says "$W/log2" '^typed 42'
ok "shell: modprobe knows the initrd's modules" says "$W/log2" '^loaded'
ok "shell: leaving it tries again" test "$(grep -c 'stage 1 cannot start the system: LABEL=none' "$W/log2")" = 2
finish
