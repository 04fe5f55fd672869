#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is known not to boot is refused before anything is written, and a new kernel is started in QEMU before it is installed: a good one
# passes, one that panics, hangs or does not find its root is refused. On temporary roots, with Debian's kernel.
source "$(dirname "$0")/lib.sh"
W=$work
source "$KERNIX_SRC/tests/vm/kernel.sh"
debian_kernel
build_stage1

untouched() { is "$(cd "$R" && find boot etc -type f ! -name lock | sort | tr '\n' ' ')$(readlink "$system")" 'boot/grub/custom.cfg boot/grub/grub.cfg '; }

# --- known not to boot ---
new_root grub
touch "$R/boot/grub/custom.cfg"
configuration '{ cannotStart = "root is on the moon: move it\n"; }'
expect_fail "known: the configuration's reason" "this system cannot start, so nothing was changed|- root is on the moon: move it|--force" rebuild boot
check "known: nothing is written" untouched
expect_fail "known: switch" "root is on the moon" rebuild switch
expect_fail "known: test" "root is on the moon" rebuild test
check "known: dry-activate says it" says 'warning: this system cannot start: root is on the moon' rebuild dry-activate
check "known: build is not refused" eval '(cd "$work" && rebuild build)'
check "known: --force" says 'warning: this system cannot start: root is on the moon' rebuild boot --force
check "known: --force has done it" is "$(readlink "$system")" system-1-link
new_root grub
touch "$R/boot/grub/custom.cfg"
configuration '{ init = false; }'
expect_fail "known: no init" "its init /nix/store/" rebuild boot
check "known: no init: nothing is written" untouched

# real MEMBERS 'MORE': a configuration with a real initrd
real() {
  initrd "$work/initrd" "$1"
  configuration "{ kernelFile = $KERNEL; initrdFile = $work/initrd; release = \"$V\"; fstab = \"LABEL=root / ext4\"; builtin = builtins.readFile $K/lib/modules/$V/modules.builtin; $2 }"
}
root() { echo "\"fileSystems\":[{\"device\":\"$1\",\"mountPoint\":\"/\",\"fsType\":\"$2\",\"options\":[\"${3:-defaults}\"]}]"; }
virtio='"availableKernelModules":["virtio_pci","virtio_blk"]'
real "$virtio,$(root LABEL=root ext4)" ''
check "known: ext4 in the initrd is no reason" rebuild boot
rm -rf "$work/plain-tree" && cp -r "$K/lib/modules" "$work/plain-tree" # without ext4
printf '{"stage1":"%s",%s}' "$STAGE1" "$(root LABEL=root xfs)" >"$work/spec.json"
"$KERNIX_BUILD/tests/unit/mkinitrd" "$work/spec.json" "$work/initrd"
expect_fail "known: a file system that the kernel does not have" "/ is xfs, which this kernel has neither built in" rebuild boot
configuration "{ kernelFile = $KERNEL; initrdFile = $work/initrd; release = \"$V\"; builtin = \"kernel/fs/xfs/xfs.ko\n\"; }"
check "known: but one that is built in goes" rebuild boot
configuration "{ kernelFile = $KERNEL; initrdFile = $work/initrd; release = \"$V\"; }"
check "known: nothing is claimed of a kernel that does not say" rebuild boot
reasons() { # NIX [ATTRIBUTE]: the reasons of a configuration
  NIX_PATH=nixpkgs=$KERNIX_SRC/nixpkgs NIX_REMOTE="local?root=$work/store" "$bin/nix-instantiate" --eval --strict --json '<nixpkgs/nixos>' --arg configuration "{ lib, ... }: { $1 }" -A "${2:-config.kernix.cannotStart}" 2>"$work/eval-err"
}
check "known: ZFS" eval 'reasons "fileSystems.\"/\" = { device = \"tank/root\"; fsType = \"zfs\"; };" | grep -q "is a ZFS pool"'
check "known: a mapped device that nothing makes" eval 'reasons "fileSystems.\"/\" = { device = \"/dev/mapper/x\"; fsType = \"ext4\"; };" | grep -q "is made by nothing in stage 1"'
check "known: it is a warning, too" eval 'reasons "fileSystems.\"/\" = { device = \"/dev/mapper/x\"; fsType = \"ext4\"; };" config.warnings | grep -q "is made by nothing in stage 1"'
check "known: a usual configuration has none" eval 'is "$(reasons "fileSystems.\"/\" = { device = \"/dev/sda1\"; fsType = \"ext4\"; };")" "[]"'
finish
