# SPDX-License-Identifier: GPL-2.0-or-later
# What the boots in QEMU share: Debian's prebuilt kernel, stage 1, a store-like root with a system in it, and checking.
# Sourced by the tests beside it; needs KERNIX_BUILD (the meson build) and KERNIX_SRC. $W is the test's own folder.
set -eu
: "${KERNIX_SRC:=$(cd "$(dirname "$0")/../.." && pwd)}" "${KERNIX_BUILD:=$KERNIX_SRC/build}"
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
W=$(mktemp -d "${TMPDIR:-/tmp}/kernix-vm-test.XXXXXX")
trap 'rm -rf "$W"' EXIT
passed=0 failed=0

ok() { # NAME COMMAND...
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    echo "ok: $name"
  else
    failed=$((failed + 1))
    echo "FAILED: $name ($*)"
  fi
}
finish() {
  [ -z "${KERNIX_REPORT-}" ] || echo "$passed $failed 0" >"$KERNIX_REPORT"
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ]
}
says() { grep -aqE -- "$2" "$1"; } # FILE PATTERN
says_not() { ! says "$@"; }

debian_kernel_made() { # FOLDER
  local cache=$1 package
  [ ! -e "$cache/done" ] || return 0
  rm -rf "$cache" && mkdir -p "$cache/deb" || return
  package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)$/\1/p' | head -n 1)
  (cd "$cache/deb" && apt-get -q download "$package") >"$cache/log" 2>&1 || {
    cat "$cache/log"
    echo "cannot download $package"
    return 1
  }
  dpkg-deb --fsys-tarfile "$cache"/deb/*.deb | tar -x -C "$cache" ./boot ./lib && depmod -b "$cache" "$(ls "$cache/lib/modules")" || return
  rm -r "$cache/deb"
  touch "$cache/done"
}
# The kernel image and module tree of Debian's newest kernel, unpacked once into the build folder, by one suite while others wait;
# sets K (the tree), V (the version), KERNEL and CONFIG.
debian_kernel() {
  local cache=$KERNIX_BUILD/debian-kernel
  (flock 8 && debian_kernel_made "$cache") 8>"$cache.lock" || exit 1
  K=$cache V=$(ls "$cache/lib/modules")
  KERNEL=$K/boot/vmlinuz-$V CONFIG=$K/boot/config-$V
}

build_stage1() { # [COMPILER]: sets STAGE1
  STAGE1=$W/stage1
  "${1:-gcc}" -std=gnu17 -D_GNU_SOURCE -Os -static -I"$KERNIX_SRC/src" "$KERNIX_SRC"/src/stage1/*.c -o "$STAGE1"
}

# initrd OUT SPEC-MEMBERS: the spec gets stage1, modulesTree and kernelConfig by itself.
initrd() {
  printf '{"stage1":"%s","modulesTree":"%s","kernelConfig":"%s",%s}' "$STAGE1" "$K" "$CONFIG" "$2" >"$W/spec.json"
  "$KERNIX_BUILD/tests/unit/mkinitrd" "$W/spec.json" "$1"
}

# A root file system: busybox and an init that runs the given script and reboots. root_tree FOLDER SCRIPT
root_tree() {
  mkdir -p "$1/bin" "$1/sbin" "$1/dev" "$1/proc" "$1/sys" "$1/run"
  cp /bin/busybox "$1/bin/busybox"
  for applet in sh cat echo uname grep ls reboot dmesg mount; do ln -sf busybox "$1/bin/$applet"; done
  printf '#!/bin/sh\n%s\nreboot -f\n' "$2" >"$1/sbin/init"
  chmod +x "$1/sbin/init"
}

# boot LOG SECONDS INITRD PARAMETERS QEMU-OPTION...: boots under TCG, the console in LOG (without carriage returns).
boot() {
  local log=$1 limit=$2 initrd=$3 params=$4
  shift 4
  timeout -k 5 "$limit" qemu-system-x86_64 -accel tcg -m 384 -nodefaults -display none -serial stdio -no-reboot \
    -kernel "$KERNEL" -initrd "$initrd" -append "console=ttyS0 panic=-1 $params" "$@" </dev/null 2>&1 | tr -d '\r' >"$log" || :
}
disk() { echo "-drive file=$1,if=none,id=d${2:-0},format=raw,snapshot=on -device virtio-blk,drive=d${2:-0}"; }
