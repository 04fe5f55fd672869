#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Power cuts: each operation runs on a file system whose disk is recorded write by write (QEMU's blklogwrites behind a FUSE file and a loop
# device); then the disk is put into the state of many moments, also with writes left out that no flush had made safe, mounted, and judged
# as after a kill (judge.sh). From the operation's end on what it did must be there.
#   power.sh [--short] [FILE-SYSTEM...]           all; the table at the end; --short is the part that belongs to make test
#   power.sh --case FILE-SYSTEM OPERATION N SEED  one moment again, from a new record: N counts its writes
# Variables: POINTS (moments of an operation and file system at the most, 0: every write), OPERATIONS_ONLY, LIMIT, JOBS, FAULTS_TMP, NIX_EVERY;
# GUEST=yes does it in a QEMU guest, as happens by itself where this kernel lacks what it takes (guest.sh).
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
. "$here/operations.sh"
. "$here/judge.sh"
POWER_OPERATIONS="add add-leftover import gc gc-leftovers delete optimise instantiate build build-half build-fixed fetch profile-set profile-rollback profile-delete
  boot:grub boot:systemd-boot boot:extlinux switch:grub boot-rollback:grub boot-rollback:systemd-boot boot-delete:grub boot-delete:systemd-boot boot-confirm:grub boot-confirm:systemd-boot"
POINTS=${POINTS:-12} LIMIT=${LIMIT:-0} JOBS=${JOBS:-$(nproc)} NIX_EVERY=${NIX_EVERY:-3}
replay=$KERNIX_BUILD/tests/faults/replay-log
daemon=''

at_exit() {
  cd /
  [ -z "${D:-}" ] || ! mountpoint -q "$D" || umount "$D"
  [ -z "$daemon" ] || kill "$daemon"
  [ -z "$server" ] || kill "$server" 2>/dev/null
  [ -z "$own_base" ] || remove "$own_base"
}
file_system() { # IMAGE
  case $fs in
    ext4) truncate -s 64M "$1" && mkfs.ext4 -q -F "$1" ;;
    xfs) truncate -s 300M "$1" && mkfs.xfs -q -f "$1" ;;
    btrfs) truncate -s 128M "$1" && mkfs.btrfs -q -f "$1" ;;
  esac
}
# Others may take the free loop device in between: again, then. It is given back by itself when it is no longer mounted.
attach() { # FILE
  local device='' _
  for _ in 1 2 3 4 5; do
    device=$(losetup -f --show "$1" 2>"$W/losetup.log") && break
    sleep 0.2
  done
  [ -n "$device" ] || return 1
  [ $fs != btrfs ] || btrfs device scan --forget >/dev/null 2>&1
  mount -t "$fs" "$device" "$D" 2>"$W/mount.log"
  local status=$?
  losetup -d "$device"
  [ $status = 0 ] && cd "$D"
}
detach() { # until nothing has the disk any more
  local _
  cd /
  for _ in $(seq 50); do
    ! mountpoint -q "$D" || umount "$D" 2>"$W/umount.log"
    [ -n "$(losetup -a | grep -F "$W/")" ] || return 0
    sleep 0.05
  done
  bad_state "a disk stays in use: $(cat "$W/umount.log")"
}
place() {
  file_system "$W/disk.img" >"$W/mkfs.log" 2>&1 || bad_state "no $fs: $(tail -n 1 "$W/mkfs.log")"
  attach "$W/disk.img" || bad_state "cannot mount $fs: $(cat "$W/losetup.log" "$W/mount.log")"
  chmod 755 "$D"
}
snapshot() {
  detach
  cp --sparse=always "$W/disk.img" "$W/base.img"
  attach "$W/disk.img" || bad_state "cannot mount $fs again"
}
record() {
  detach
  rm -f "$W/log" "$W/recorded"
  cp --sparse=always "$W/base.img" "$W/disk.img"
  truncate -s 4G "$W/log"
  : >"$W/recorded"
  qemu-storage-daemon --blockdev driver=file,node-name=f,filename="$W/disk.img",cache.no-flush=on \
    --blockdev driver=file,node-name=l,filename="$W/log",cache.no-flush=on --blockdev driver=blklogwrites,node-name=b,file=f,log=l,log-sector-size=512 \
    --export type=fuse,id=e,node-name=b,mountpoint="$W/recorded",writable=on --pidfile "$W/daemon.pid" --daemonize >"$W/daemon.log" 2>&1 ||
    bad_state "cannot record: $(tail -n 1 "$W/daemon.log")"
  daemon=$(cat "$W/daemon.pid")
  attach "$W/recorded" || bad_state "cannot mount the recorded disk: $(cat "$W/losetup.log" "$W/mount.log")"
  read -r first _ <<<"$("$replay" "$W/log")"
  attempt -o "$W/report" count 0
  read -r mark _ <<<"$("$replay" "$W/log")"
  [ $status = "$golden" ] || bad_state "fails while recorded: $(tail -n 2 err)"
  detach
  kill "$daemon"
  while kill -0 "$daemon" 2>/dev/null; do sleep 0.02; done
  daemon=''
  read -r total flushes <<<"$("$replay" "$W/log")"
}
at() { # N SEED: the disk as it was then
  detach
  cp --sparse=always "$W/base.img" "$W/disk.img"
  "$replay" "$W/log" "$1" "$2" "$W/disk.img" || bad_state "cannot replay"
  attach "$W/disk.img" && rm -rf "${D:?}"/tmp/*
}
cut() { # N SEED
  local left='' hung=0 kinds='' texts='' first
  runs=$((runs + 1)) status=137
  [ "$1" -lt "$mark" ] || status=$golden
  first=$status
  if at "$1" "$2"; then
    check_state
    if [ $status = 0 ]; then check_success; else check_next; fi
    check_end "$([ "$first" = 0 ] && echo false || echo next)"
  else
    problem other "$fs cannot be mounted: $(cat "$W/mount.log")"
  fi
  [ -n "$kinds" ] || return 0
  tally
  echo "FAILED (of $total writes; it ended with $mark): tests/faults/power.sh --case $fs $op $1 $2$texts"
}
prepare_recorded() { # FILE-SYSTEM OPERATION
  fs=$1
  prepare "$2"
  output=no # of what it printed nobody promised that it is kept
  record
}
operation() { # FILE-SYSTEM OPERATION
  local step n seed
  tally_clear
  base=$base/$1
  prepare_recorded "$1" "$2"
  step=1
  [ "$POINTS" = 0 ] || step=$(((total - first + POINTS - 1) / POINTS))
  [ $step -gt 0 ] || step=1
  for ((n = first; n <= total; n += step)); do
    seed=$(((n / step) % 2 * n))
    ! out_of_time || break
    cut "$n" "$seed"
  done
  for seed in 0 1 2; do cut "$mark" $seed; done
  line_write "$2 on $1" "$runs" 0
  [ -n "${FAULTS_SHORT:-}" ] || echo "$2 on $1: $runs cuts among $((total - first)) writes, $flushes flushes, $bad failed, $SECONDS s"
}
have_programs() {
  local what
  for what in losetup qemu-storage-daemon mkfs.ext4 mkfs.xfs mkfs.btrfs sqlite3 unshare; do command -v $what >/dev/null || { echo "SKIP: no $what"; return 1; }; done
  [ "$(id -u)" = 0 ] || { echo "SKIP: power cuts need root"; return 1; }
}
# The host's kernel, or else a guest's: GUEST=yes takes the guest.
have_kernel() {
  local what
  [ "${GUEST:-no}" = no ] || return 1
  for what in loop fuse ext4 xfs btrfs; do grep -qw $what /proc/filesystems /proc/devices || modprobe -q $what 2>/dev/null || [ $what = loop ] || return 1; done
  [ -e /dev/fuse ] && [ -e /dev/loop-control ] && losetup -f >/dev/null 2>&1
}
have_programs || exit 77
if [ -z "${FAULTS_GUEST:-}" ] && ! have_kernel; then
  [ "${1:-}" != --short ] || { echo "SKIP: this kernel cannot record a disk; make test-faults does it in a guest"; exit 77; }
  exec "$here/guest.sh" "$@"
fi
case ${1:-} in --operation | --case) alone "$@" ;; esac
base=${FAULTS_BASE:-}
if [ "${1:-}" = --operation ]; then # called by itself
  operation "${2%%/*}" "${2#*/}"
  exit 0
fi
own_base_make power
if [ "${1:-}" = --case ]; then
  tally_clear
  NIX_EVERY=1
  base=$base/$2
  prepare_recorded "$2" "$3"
  cut "$4" "$5"
  [ $bad = 0 ] && echo "ok: $*"
  exit
fi
systems=(ext4 xfs btrfs) list=()
if [ "${1:-}" = --short ]; then
  shift
  export FAULTS_SHORT=yes
  systems=(ext4) POINTS=${SHORT_POINTS:-3} LIMIT=${SHORT_LIMIT:-25} OPERATIONS_ONLY="add gc build profile-set boot:grub boot:systemd-boot"
fi
[ $# = 0 ] || systems=("$@")
for fs in "${systems[@]}"; do for op in ${OPERATIONS_ONLY:-$POWER_OPERATIONS}; do list+=("$fs/$op"); done; done
export FAULTS_BASE=$base DEADLINE=$((EPOCHSECONDS + LIMIT)) POINTS LIMIT NIX_EVERY
unfinished=0
printf '%s\n' "${list[@]}" | xargs -P "$JOBS" -n 1 "$here/power.sh" --operation 2>&1 | tee "$base/said"
table "cuts -" "${list[@]}"
summary
