#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A full disk, as small file systems of their own (ext4 with blocks of 1 KiB and of 4 KiB, on a loop device): nothing is killed by SIGBUS at
# any amount of free space, garbage can be collected when nothing is free, and the reserve that makes this so is made of blocks.
source "$(dirname "$0")/lib.sh"

M=$T/mnt
mkdir -p "$M" "$T/home"
mounted=0
unmount() { [ "$mounted" = 0 ] || umount "$M"; mounted=0; }
trap 'unmount; cleanup' EXIT
new_disk() { # BLOCK-SIZE MIB
  unmount
  rm -f "$T/disk"
  truncate -s "$2M" "$T/disk"
  mkfs.ext4 -q -b "$1" -m 0 -O ^has_journal "$T/disk" || exit 1
  mount -o loop "$T/disk" "$M" || { echo "SKIP: no loop device can be mounted here"; exit 77; }
  mounted=1
}
free_kib() { df --output=avail "$M" | tail -n 1 | tr -d ' '; }
leave() { # KIB: that much is free, nearly
  local size
  head -c 100M /dev/zero >"$M/fill" 2>/dev/null
  size=$(stat -c %s "$M/fill")
  [ "$size" -le $(($1 * 1024)) ] || truncate -s $((size - $1 * 1024)) "$M/fill"
}
reserve() { stat -c '%b %B' "$M/nix/var/nix/db/reserved" 2>/dev/null | { read -r blocks size && echo $((blocks * size)) || echo 0; }; }

for block in 1024 4096; do
  new_disk "$block" 24
  head -c 3000000 /dev/urandom >"$T/big"
  big=$(ours "$M" --add "$T/big")
  ok "$block: the reserve has its blocks" test "$(reserve)" -ge 8388608
  killed=
  for kib in 0 4 8 12 14 16 18 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 36 40 48 64; do
    leave "$kib"
    echo "$kib" >"$T/small"
    for words in "-q --hash $big" "--gc --print-dead" "--add $T/small" "--verify"; do
      # shellcheck disable=SC2086 # words
      ours "$M" $words >"$T/said" 2>&1
      status=$?
      [ "$status" -lt 2 ] || killed="$killed $kib KiB: $words: $status;"
    done
  done
  same "$block: no command is killed, whatever is free" "$killed" ""
  leave 0
  ok "$block: nothing is free" test "$(free_kib)" -lt 8
  ok "$block: garbage can be collected" ours "$M" --gc
  ok "$block: it is gone" test ! -e "$M$big"
  rm "$M/fill"
  ok "$block: the store is whole" ours "$M" --verify --check-contents
  ok "$block: the reserve is there again" test "$(reserve)" -ge 8388608

  # Made while there was no room for it: real as soon as there is.
  rm -f "$M/nix/var/nix/db/reserved"
  leave 1000
  echo more >"$T/more"
  more=$(ours "$M" --add "$T/more")
  ok "$block: without room the store works" test -e "$M$more"
  rm "$M/fill"
  ours "$M" -q --hash "$more" >/dev/null
  ok "$block: then the reserve has its blocks" test "$(reserve)" -ge 8388608
  truncate -s 0 "$M/nix/var/nix/db/reserved" && truncate -s 8M "$M/nix/var/nix/db/reserved" # as older versions left it
  ours "$M" -q --hash "$more" >/dev/null
  ok "$block: one without blocks gets them" test "$(reserve)" -ge 8388608
  leave 0
  echo another >"$T/another"
  not_ok "$block: full, adding fails" ours "$M" --add "$T/another"
  ok "$block: nix-store --delete works" ours "$M" --delete "$more"
  rm "$M/fill"
  ours "$M" -q --hash /nix/store/00000000000000000000000000000000-x 2>/dev/null # it makes the reserve again
  leave 0
  export NIX_REMOTE="local?root=$M"
  ok "$block: nix-collect-garbage works" "$T/bin/nix-collect-garbage"
  unset NIX_REMOTE
done
unmount
exit $failed
