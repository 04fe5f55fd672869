#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Boots a system in QEMU, its serial console in this terminal. Made by nixpkgs/build-support/make-vm.nix.
set -eu

usage() {
  cat <<END
usage: ${0##*/} [OPTION]... [QEMU OPTION]...
Boots $vm_hostName in QEMU. Ctrl-A X ends it, Ctrl-A C opens QEMU's monitor.
  --check SCRIPT    runs this shell script in the guest instead of a shell; its exit status becomes this command's
  --append WORDS    more kernel parameters
  --memory MIB      memory of the guest ($vm_memory)
  --cores N         processors of the guest ($vm_cores)
  --timeout SECONDS ends the guest after that time (exit status 124)
  --gdb             waits for gdb before the first instruction
  --accel NAME      kvm or tcg, without trying
  --log FILE        keeps what the console said
environment: QEMU (the program), QEMU_OPTS, QEMU_KERNEL_PARAMS, KERNIX_STORE_ROOT (folder in which /nix/store is)
exit status: 0 the guest ended by itself, 1 its kernel panicked or stage 1 gave up, else see --check and --timeout
END
}

die() {
  echo "${0##*/}: $*" >&2
  exit 2
}

# The physical place of a store path, links followed inside of the store's root.
place() {
  path=$1 n=0
  while [ -h "${KERNIX_STORE_ROOT-}$path" ] && [ $n -lt 40 ]; do
    target=$(readlink "${KERNIX_STORE_ROOT-}$path")
    case $target in /*) path=$target ;; *) path=${path%/*}/$target ;; esac
    n=$((n + 1))
  done
  [ -e "${KERNIX_STORE_ROOT-}$path" ] || die "$1 is not there${KERNIX_STORE_ROOT:+ (below $KERNIX_STORE_ROOT)}"
  echo "${KERNIX_STORE_ROOT-}$path"
}

check='' append='' timeout='' gdb='' accel='' log=''
while [ $# -gt 0 ]; do
  case $1 in
  --check | --append | --memory | --cores | --timeout | --accel | --log)
    [ $# -ge 2 ] || die "$1 needs a value"
    ;;
  esac
  case $1 in
  --check) check=$2 ;;
  --append) append="$append $2" ;;
  --memory) vm_memory=$2 ;;
  --cores) vm_cores=$2 ;;
  --timeout) timeout=$2 ;;
  --accel) accel=$2 ;;
  --log) log=$2 ;;
  --gdb) gdb=1 ;;
  --help | -h)
    usage
    exit 0
    ;;
  --)
    shift
    break
    ;;
  *) break ;;
  esac
  case $1 in --gdb) shift ;; *) shift 2 ;; esac
done
case $vm_memory$vm_cores$timeout in *[!0-9]*) die "memory, cores and timeout are numbers" ;; esac
[ -z "$check" ] || [ -r "$check" ] || die "cannot read the script $check"

qemu=${QEMU:-$vm_qemu}
PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/libexec
command -v "$qemu" >/dev/null || die "$qemu is not installed (on Debian: apt-get install qemu-system-x86, or -arm, -misc)"
kernel=$(place "$vm_toplevel/kernel")
initrd=$(place "$vm_toplevel/initrd")
image=$(place "$vm_image/root.img")
declared=$(cat "$(place "$vm_toplevel/kernel-params")")
params="init=$vm_toplevel/init root=LABEL=nixos rw $declared $vm_params ${QEMU_KERNEL_PARAMS-}$append"
[ -z "$gdb" ] || params="$params nokaslr"

work=$(mktemp -d "${TMPDIR:-/tmp}/kernix-vm.XXXXXX")
pid=''
cleanup() {
  [ -z "$pid" ] || kill "$pid" 2>/dev/null || :
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# /dev/kvm may be there, open, and still not run a kernel: a kernel has to say a word within three seconds. The answer is
# kept until the next boot of this machine.
kvm_works() {
  [ -w /dev/kvm ] && [ "$(uname -m)" = "${vm_qemu#qemu-system-}" ] || return 1
  id=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null || echo 0)
  memo=${XDG_RUNTIME_DIR:-${TMPDIR:-/tmp}}/kernix-kvm-$(id -u)-$id
  if [ ! -O "$memo" ] || [ -h "$memo" ]; then
    "$qemu" -accel kvm -machine "$vm_machine" -m 256 -nodefaults -display none -no-reboot -serial "file:$work/kvm" \
      -kernel "$kernel" -append "console=$vm_console earlyprintk=$vm_console panic=-1" </dev/null >/dev/null 2>&1 &
    pid=$!
    tries=0
    while kill -0 $pid 2>/dev/null && [ $tries -lt 30 ] && ! grep -aq 'Linux version' "$work/kvm" 2>/dev/null; do
      sleep 0.1
      tries=$((tries + 1))
    done
    answer=no
    ! grep -aq 'Linux version' "$work/kvm" 2>/dev/null || answer=yes
    kill -9 $pid 2>/dev/null || :
    wait $pid 2>/dev/null || :
    pid=''
    rm -f "$memo"
    (umask 077 && echo $answer >"$memo")
  fi
  [ "$(cat "$memo")" = yes ]
}
if [ -z "$accel" ]; then
  if kvm_works; then accel=kvm; else accel=tcg; fi
fi

# The script goes into the guest as one more segment of the initrd, so that it needs no driver; stage 1 hands it on.
newc() { # NAME MODE SIZE: a header, padded
  printf '070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%s\0' 0 "$2" 0 0 1 1 "$3" 0 0 0 0 $((${#1} + 1)) 0 "$1"
  pad $((110 + ${#1} + 1))
}
pad() { head -c $(((4 - $1 % 4) % 4)) /dev/zero; }
if [ -n "$check" ]; then
  size=$(wc -c <"$check")
  {
    cat "$initrd"
    head -c $(((512 - $(wc -c <"$initrd") % 512) % 512)) /dev/zero
    newc kernix 16877 0
    newc kernix/guest-script 33188 "$size"
    cat "$check"
    pad "$size"
    newc 'TRAILER!!!' 0 0
  } >"$work/initrd"
  initrd=$work/initrd
fi

console=$work/console
[ -z "$log" ] || console=$log
: >"$console"
set -- "$@" -accel "$accel" -machine "$vm_machine" -m "$vm_memory" -smp "$vm_cores" -nodefaults -no-reboot -display none \
  -name "$vm_hostName" \
  -chardev "stdio,id=console,mux=on,signal=off,logfile=$console" -serial chardev:console -mon chardev=console,mode=readline \
  -drive "file=$image,if=none,id=root,format=raw,snapshot=on" -device virtio-blk,drive=root,serial=root \
  -kernel "$kernel" -initrd "$initrd" -append "$params" $vm_qemuOptions ${QEMU_OPTS-}
if "$qemu" -netdev help 2>/dev/null | grep -q '^user'; then
  set -- "$@" -netdev user,id=net -device virtio-net-pci,netdev=net,romfile=
fi
[ "$accel" = kvm ] || [ -z "$vm_cpu" ] || set -- "$@" -cpu "$vm_cpu"
[ "$accel" != kvm ] || set -- "$@" -cpu host
if [ -n "$gdb" ]; then
  set -- "$@" -gdb tcp:127.0.0.1:1234 -S # -s would listen for every machine
  echo "the guest waits for gdb; in another terminal: gdb ${KERNIX_VMLINUX:-vmlinux} -ex 'target remote :1234' -ex 'hbreak start_kernel' -ex continue" >&2
  if [ -z "${KERNIX_VMLINUX-}" ] || ! grep -aq '\.debug_info' "$KERNIX_VMLINUX"; then
    echo "this kernel has no debug symbols; with structuredExtraConfig.DEBUG_INFO = lib.kernel.yes; gdb knows its names and lines" >&2
  fi
fi

# snapshot=on puts what the guest writes into $TMPDIR.
export TMPDIR="$work"
status=0
if [ -n "$timeout" ]; then
  timeout --foreground -k 5 "$timeout" "$qemu" "$@" || status=$?
else
  "$qemu" "$@" || status=$?
fi
[ "$status" = 0 ] || exit "$status"
if [ -n "$check" ]; then
  said=$(tr -d '\r' <"$console" | sed -n 's/^kernix-guest: exit \([0-9]*\)$/\1/p' | tail -n 1)
  [ -n "$said" ] || { echo "${0##*/}: the guest ended before the script did" >&2; exit 1; }
  exit "$said"
fi
if grep -aqE 'Kernel panic - not syncing|^stage 1 cannot start the system' "$console"; then exit 1; fi
