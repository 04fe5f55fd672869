#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is known not to boot is refused before anything is written, and a new kernel is started in QEMU before it is installed: a good one
# passes, one that panics, hangs or does not find its root is refused. On temporary roots, with Debian's kernel.
source "$(dirname "$0")/lib.sh"
W=$work
source "$KERNIX_SRC/tests/vm/kernel.sh"
debian_kernel
build_stage1

# Boots that are not the subject stay quick.
install() { rebuild boot --no-boot-test "$@"; }
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
check "known: ext4 in the initrd is no reason" install
printf '{"stage1":"%s",%s}' "$STAGE1" "$(root LABEL=root xfs)" >"$work/spec.json"
"$KERNIX_BUILD/tests/unit/mkinitrd" "$work/spec.json" "$work/initrd"
expect_fail "known: a file system that the kernel does not have" "/ is xfs, which this kernel has neither built in" rebuild boot
configuration "{ kernelFile = $KERNEL; initrdFile = $work/initrd; release = \"$V\"; builtin = \"kernel/fs/xfs/xfs.ko\n\"; }"
check "known: but one that is built in goes" install
configuration "{ kernelFile = $KERNEL; initrdFile = $work/initrd; release = \"$V\"; }"
check "known: nothing is claimed of a kernel that does not say" install
reasons() { # NIX [ATTRIBUTE]: the reasons of a configuration
  NIX_PATH=nixpkgs=$KERNIX_SRC/nixpkgs NIX_REMOTE="local?root=$work/store" "$bin/nix-instantiate" --eval --strict --json '<nixpkgs/nixos>' --arg configuration "{ lib, ... }: { $1 }" -A "${2:-config.kernix.cannotStart}" 2>"$work/eval-err"
}
check "known: ZFS" eval 'reasons "fileSystems.\"/\" = { device = \"tank/root\"; fsType = \"zfs\"; };" | grep -q "is a ZFS pool"'
check "known: a mapped device that nothing makes" eval 'reasons "fileSystems.\"/\" = { device = \"/dev/mapper/x\"; fsType = \"ext4\"; };" | grep -q "is made by nothing in stage 1"'
check "known: it is a warning, too" eval 'reasons "fileSystems.\"/\" = { device = \"/dev/mapper/x\"; fsType = \"ext4\"; };" config.warnings | grep -q "is made by nothing in stage 1"'
check "known: a usual configuration has none" eval 'is "$(reasons "fileSystems.\"/\" = { device = \"/dev/sda1\"; fsType = \"ext4\"; };")" "[]"'

# --- started in QEMU ---
new_root grub
touch "$R/boot/grub/custom.cfg"
kept=$R/nix/var/nix/kernix/boot-test
no_guest() { ! pgrep -f "qemu-system.*$TMPDIR/kernix-boot-test" >/dev/null && [ -z "$(ls -d "$TMPDIR"/kernix-boot-test* 2>/dev/null)" ]; }
export TMPDIR=$work/tmp
mkdir -p "$TMPDIR"

real "$virtio,$(root LABEL=root ext4 noatime)" ''
check "test: without QEMU it is left out" says 'boot test: not done: qemu-system-.* is not installed' env PATH=/nonexistent "$bin/nixos-rebuild" boot --root "$R" -I nixos-config="$work/configuration.nix"
check "test: --no-boot-test" eval 'install >"$work/said" 2>&1 && hasnt "$work/said" "boot test"'
real "$virtio,$(root LABEL=root ext4 noatime)" 'system = "riscv64-linux";'
check "test: another architecture is left out" says 'boot test: not done: it is for riscv64-linux' rebuild boot
real "$virtio,$(root LABEL=root ext4 noatime)" 'bootTest.enable = false;'
check "test: boot.kernix.bootTest.enable = false" eval 'rebuild boot >"$work/said" 2>&1 && hasnt "$work/said" "boot test"'
real "$virtio,$(root server:/root nfs)" ''
check "test: a root that cannot be made is left out" says 'boot test: not done: / is nfs' rebuild boot
real "\"availableKernelModules\":[],$(root LABEL=root ext4)" ''
sed -i 's|builtins.readFile [^;]*|"kernel/fs/ext4/ext4.ko"|' "$work/configuration.nix"
check "test: no disk driver: left out" says 'boot test: not done: neither kernel nor initrd has a driver of a disk' rebuild boot
configuration '{ }'
check "test: what is no kernel is left out" says 'boot test: not done: its kernel is no bzImage' rebuild boot

new_root grub
touch "$R/boot/grub/custom.cfg"
real "$virtio,$(root LABEL=root ext4 noatime)" ''
check "test: a good kernel" says 'boot test: the new kernel came up in [0-9.]+ seconds \(.*, root: ext4\)' rebuild boot
check "test: it is installed" is "$(readlink "$system")" system-1-link
check "test: no guest and no file stays" no_guest
real "$virtio,$(root LABEL=root ext4 noatime)" 'sysctl = "kernel.panic = 5\n";'
check "test: the same kernel is not tested again" says 'boot test: this kernel and initrd came up before' rebuild boot
check "test: the folder of results is ours alone" is "$(stat -c %a "$kept")" 700
chmod 777 "$kept"
real "$virtio,$(root LABEL=root ext4 noatime)" 'params = [ "quiet" "boot.test=1" ];'
expect_fail "test: a folder that others may write to is not believed; the time is over" "it hangs: stage 2 was not reached|--boot-test-timeout" rebuild boot --boot-test-timeout 1
check "test: nothing was installed" is "$(readlink "$system")" system-2-link
chmod 700 "$kept"

new_root grub
touch "$R/boot/grub/custom.cfg"
real "$virtio,$(root LABEL=root ext4 noatime)" 'params = [ "init_on_alloc=0" "rdinit=/none" ];'
expect_fail "test: a panic" "so nothing was changed: Kernel panic - not syncing|the last lines of its console:|--no-boot-test" rebuild boot
check "test: a panic: nothing is written" untouched
check "test: a panic: no guest and no file stays" no_guest
real "$virtio,$(root LABEL=root ext4 data=nonsense)" ''
expect_fail "test: a root that cannot be mounted" "stage 1 cannot start the system: cannot mount LABEL=root" rebuild boot
check "test: a root that cannot be mounted: nothing is written" untouched
cat >"$work/hang.c" <<'C'
#include <unistd.h>
int main(void) { for (;;) pause(); }
C
gcc -static -o "$work/hang" "$work/hang.c"
good=$STAGE1 STAGE1=$work/hang
real "$virtio,$(root LABEL=root ext4)" ''
STAGE1=$good
expect_fail "test: an initrd that hangs" "it hangs: stage 2 was not reached in" rebuild boot --boot-test-timeout 12
check "test: an initrd that hangs: nothing is written" untouched
check "test: --no-boot-test takes it" install

# Ctrl-C in the middle.
new_root grub
touch "$R/boot/grub/custom.cfg"
env --default-signal=INT "$bin/nixos-rebuild" boot --root "$R" -I nixos-config="$work/configuration.nix" >"$work/said" 2>&1 &
pid=$!
for _ in $(seq 100); do
  pgrep -f "qemu-system.*$TMPDIR/kernix-boot-test" >/dev/null && break
  sleep 0.2
done
kill -INT $pid
status=0
wait $pid || status=$?
check "test: Ctrl-C ends it by that signal" is $status 130
check "test: Ctrl-C leaves no guest and no file" no_guest
check "test: Ctrl-C: nothing is written" untouched
finish
