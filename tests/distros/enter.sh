#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs a command in a root: enter.sh ROOT COMMAND. A mount and pid namespace and pivot_root, not chroot: in a chroot no user namespace can be made, and so
# no sandbox. /src is the project, read-only, /b what is built there; nothing else of this machine is to be seen but /dev, /proc, /sys and the network.
set -euo pipefail
root=$(realpath "$1")
shift
src=$(realpath "$(dirname "$0")/../..")
for d in src b proc dev sys tmp .old; do mkdir -p "$root/$d"; done
chmod 1777 "$root/tmp"
# shellcheck disable=SC2016 # for the inner shell
exec unshare -m -p -f --propagation private bash -c '
set -e
root=$1 src=$2
shift 2
mount --bind "$root" "$root"
mount --rbind /dev "$root/dev" && mount --rbind /sys "$root/sys"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
mount --bind "$src" "$root/src" && mount -o remount,bind,ro "$root/src"
cp "$(command -v busybox)" "$root/tmp/busybox" # the old root goes by a program that is in no root
cd "$root"
pivot_root . .old
/tmp/busybox umount -l /.old
/tmp/busybox rm /tmp/busybox
unset NIX_SSL_CERT_FILE SSL_CERT_FILE TMPDIR KERNIX_BUILD KERNIX_SRC NIX_PATH
export HOME=/root
exec /bin/sh -c "$*"' enter "$root" "$src" "$@"
