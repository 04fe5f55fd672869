#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# From a configuration.nix to a booted guest with Debian's prebuilt kernel: kernix builds initrd, system, image and script,
# `kernix vm` boots them, and the guest shows what was declared. Then the ways in which it can go wrong.
source "$(dirname "$0")/lib.sh"
bin=$KERNIX_BUILD/bin kernix=$KERNIX_BUILD/kernix
export NIX_REMOTE="local?root=$KERNIX_BUILD/vm-store" NIX_PATH="nixpkgs=$KERNIX_SRC/nixpkgs"
unset QEMU_OPTS QEMU_KERNEL_PARAMS
cd "$W"

configuration() { # FILE MORE
  cat >"$1" <<END
{ pkgs, ... }: {
  boot.kernelPackages = pkgs.linuxPackages_debian_bin;
  boot.kernelParams = [ "quiet" "printk.time=0" ];
  boot.kernelModules = [ "dummy" ];
  boot.initrd.kernelModules = [ "loop" ];
  boot.initrd.includeDefaultModules = false;
  boot.extraModprobeConfig = "options loop max_loop=3\noptions dummy numdummies=2";
  boot.kernel.sysctl."kernel.sysrq" = 1;
  boot.kernel.sysctl."net.ipv4.tcp_ecn" = 1;
  boot.kernel.sysctl."vm.swappiness" = 17;
  networking.hostName = "guest";
  fileSystems."/" = { device = "/dev/disk/by-uuid/0000-1111"; fsType = "ext4"; };
  $2
}
END
}
build() { # ATTR CONFIGURATION LINK: the log goes to LINK.log
  timeout 900 "$bin/nix-build" '<nixpkgs/nixos>' -A "$1" -I "nixos-config=$W/$2" -o "$W/$3" >"$W/$3.log" 2>&1
}
cat >probe <<'END'
echo "release $(uname -r) on $(hostname)"
echo "params $(cat /proc/cmdline)"
echo "dummies $(ls /sys/class/net | grep -c dummy) loops $(cat /sys/module/loop/parameters/max_loop)"
echo "sysctl $(cat /proc/sys/kernel/sysrq /proc/sys/net/ipv4/tcp_ecn /proc/sys/vm/swappiness | tr '\n' ' ')"
sed 's/^/stage 1: /' /run/kernix/stage1-modules
sed 's/^/stage 2: /' /run/kernix/stage2-modules
grep ' / ' /proc/mounts
exit 7
END

configuration one.nix 'boot.initrd.availableKernelModules = [ "virtio_pci" "virtio_blk" ];'
if ! build vm one.nix vm; then
  tail -n 20 vm.log
  echo "the virtual machine could not be built"
  exit 1
fi
status=0
"$kernix" vm --timeout 120 --check probe ./vm </dev/null >said 2>&1 || status=$?
tr -d '\r' <said >log
ok "the guest's exit status is ours" test "$status" = 7
for word in '^release 6\.[0-9.]+.* on guest$' '^params init=/nix/store/[a-z0-9]*-nixos-system-.*quiet printk.time=0' '^dummies 2 loops 3$' \
  '^sysctl 1 1 17 $' '^stage 1: loop boot.initrd.kernelModules' '^stage 1: virtio_blk device' '^stage 1: ext4 filesystem' \
  '^stage 2: dummy boot.kernelModules' '^/dev/vda / ext4 rw'; do
  ok "guest: $word" says log "$word"
done
[ $failed = 0 ] || tail -n 40 log

# The system as it is, not its variant for virtual machines: its fileSystems name a disk that is not here.
ok "system builds" build system one.nix system
status=0
"$kernix" vm --timeout 120 --check probe --append "loop.max_loop=5" ./system </dev/null >said 2>&1 || status=$?
tr -d '\r' <said >log
ok "plain system: exit status" test "$status" = 7
ok "plain system: stage 2 of its own" says log '^sysctl 1 1 17 $'
ok "plain system: --append reaches a module" says log '^dummies 2 loops 5$'

# Twice the same bytes.
ok "initrd is the same again" "$bin/nix-build" '<nixpkgs/nixos>' -A initialRamdisk -I nixos-config="$W/one.nix" --check --no-out-link
printf '%s\n' 'let vm = (import <nixpkgs/nixos> { }).vm; in vm.image' >image.nix
ok "image is the same again" "$bin/nix-build" image.nix -I nixos-config="$W/one.nix" --check --no-out-link

# A console of one's own, the time limit, and gdb.
: >shell
mkfifo keys
"$kernix" vm --timeout 120 --log shell ./vm <keys >said 2>&1 &
exec 4>keys
for _ in $(seq 200); do
  ! says shell 'this is a shell on the console' || break
  sleep 0.5
done
printf 'echo typed $((6 * 7))\nexit\n' >&4
status=0
wait $! || status=$?
exec 4>&-
ok "a shell on the console obeys" says <(tr -d '\r' <said) '^typed 42$'
ok "and ends the guest" test "$status" = 0
status=0
"$kernix" vm --timeout 2 ./vm </dev/null >said 2>&1 || status=$?
ok "--timeout" test "$status" = 124
"$kernix" vm --gdb --timeout 20 --accel tcg ./vm </dev/null >said 2>&1 &
answer=
for _ in $(seq 40); do
  sleep 0.5
  if { exec 3<>/dev/tcp/127.0.0.1/1234; } 2>/dev/null; then
    printf '$?#3f' >&3
    IFS= read -r -t 5 -n 4 answer <&3 || :
    exec 3>&-
    break
  fi
done
wait $! || :
ok "--gdb: qemu's stub answers" test "${answer#+}" = '$T0'
ok "--gdb: the line to type" says said "target remote :1234"
ok "--gdb: nothing ran" says_not said "stage 2"

# Mistakes.
configuration bad.nix 'boot.initrd.availableKernelModules = [ "virtio_blkk" ];'
ok "an unknown module fails" test "$(build vm bad.nix bad && echo built)" = ""
ok "an unknown module is named" says bad.log "boot.initrd.availableKernelModules names the kernel module 'virtio_blkk'"
ok "with near names" says bad.log "did you mean: virtio_blk"
ok "no such result" says_not <(! "$kernix" vm ./nothing 2>&1) "^$"
"$kernix" vm ./nothing >said 2>&1 || :
ok "no such result: message" says said "'./nothing' is not a result of"
finish
