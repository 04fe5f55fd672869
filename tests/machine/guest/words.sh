# SPDX-License-Identifier: GPL-2.0-or-later
# The words of a layout: each makes something on the disks of the guest and mounts it below /mnt, as an administrator would type it in an installer.
# What has to be in the new machine's fstab and crypttab is noted on the way. Key stretching is short: only its time is left out.
set -e
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
fstab=/run/fstab crypttab=/run/crypttab
for disk_number in 0 1; do
  eval "d$disk_number=/dev/disk/by-id/virtio-d$disk_number"
done
settle() { udevadm settle --timeout=60; }

# gpt DISK SIZE...: a partition table; the first partition is the firmware's (of GRUB on BIOS 1 MiB, else the EFI system partition).
gpt() {
  local disk=/dev/disk/by-id/virtio-d$1 size first
  shift
  first=',1M,21686148-6449-6E6F-744E-656564454649'
  [ "$FIRMWARE" = bios ] || first=',220M,C12A7328-F81F-11D2-BA4B-00A0C93EC93B'
  {
    printf 'label: gpt\n%s\n' "$first"
    for size; do [ "$size" = rest ] && echo ',' || echo ",$size"; done
  } | sfdisk -q "$disk"
  settle
}
# noted DEVICE MOUNT TYPE OPTIONS: a line of fstab, by UUID as Debian's installer writes it.
noted() { echo "UUID=$(blkid -s UUID -o value -p "$1") $2 $3 $4 0 0" >>"$fstab"; }
attach() { # DEVICE MOUNT TYPE OPTIONS
  mkdir -p "/mnt$2"
  mount -t "$3" -o "$4" "$1" "/mnt$2"
  noted "$1" "$2" "$3" "$4"
}
# fs TYPE 'DEVICE...' MOUNT
fs() {
  local quiet=-q
  [ "$1" != ext4 ] || quiet="-q -O ^orphan_file"
  [ "$1 $LOADER" != 'ext4 extlinux' ] || quiet+=',^64bit,^metadata_csum'
  [ "$1" != btrfs ] || quiet="-q -d raid0 -m raid1"
  case "$1 $2" in 'btrfs '*' '*) ;; btrfs*) quiet=-q ;; esac
  # shellcheck disable=SC2086 # lists of words
  mkfs.$1 $quiet $2
  settle
  attach "${2%% *}" "$3" "$1" defaults
}
esp() { # MOUNT
  mkfs.vfat -F 32 "$d0-part1" >/dev/null
  settle
  attach "$d0-part1" "$1" vfat umask=0077
}
subvolumes() { # DEVICE NAME:MOUNT...
  local device=$1 pair
  shift
  mkfs.btrfs -q "$device"
  mount -t btrfs "$device" /mnt
  for pair; do btrfs -q subvolume create "/mnt/${pair%%:*}"; done
  umount /mnt
  for pair; do attach "$device" "${pair#*:}" btrfs "subvol=${pair%%:*}"; done
}
stretch() { # KIND
  case $1 in
    luks1) echo '--type luks1 --pbkdf-force-iterations 1000' ;;
    *) echo '--type luks2 --pbkdf argon2id --pbkdf-memory 16384 --pbkdf-parallel 1 --pbkdf-force-iterations 4' ;;
  esac
}
# luks KIND DEVICE NAME: by the passphrase that the runner types.
luks() {
  # shellcheck disable=SC2046 # a list of words
  printf %s "$PASSPHRASE" | cryptsetup luksFormat --batch-mode $(stretch "$1") --key-file=- "$2"
  printf %s "$PASSPHRASE" | cryptsetup open --type luks --key-file=- "$2" "$3"
  echo "$3 UUID=$(blkid -s UUID -o value -p "$2") none luks" >>"$crypttab"
  settle
}
# luks_by_key DEVICE NAME KEY-DEVICE OFFSET SIZE
luks_by_key() {
  local key="--key-file $3 --keyfile-offset $4 --keyfile-size $5"
  dd if=/dev/urandom of="$3" bs=4096 count=4 status=none
  # shellcheck disable=SC2046,SC2086 # lists of words
  cryptsetup luksFormat --batch-mode $(stretch luks2) $key "$1"
  # shellcheck disable=SC2086
  cryptsetup open --type luks $key "$1" "$2"
  echo "$2 UUID=$(blkid -s UUID -o value -p "$1") $3 luks,keyfile-offset=$4,keyfile-size=$5" >>"$crypttab"
  settle
}
# layers DEVICE DEVICE: Debian as a squashfs, which nothing ever writes to, and what is changed on the other device.
layers() {
  mksquashfs / "$1" -one-file-system -noI -noD -noF -noX -no-progress -quiet
  mkfs.ext4 -q -O ^orphan_file -L changes "$2"
  settle
  mkdir -p /run/layers/ro /run/layers/rw
  mount -t squashfs "$1" /run/layers/ro
  mount -t ext4 "$2" /run/layers/rw
  mkdir /run/layers/rw/upper /run/layers/rw/work
  mount -t overlay -o lowerdir=/run/layers/ro,upperdir=/run/layers/rw/upper,workdir=/run/layers/rw/work overlay /mnt
  is_copied=1
}
# by_chip DEVICE: what the TPM2 chip has opens it, too.
by_chip() { PASSWORD=$PASSPHRASE systemd-cryptenroll --tpm2-device=auto --tpm2-pcrs= "$1"; }
group() { vgcreate -qq "$@"; }         # NAME DEVICE...
volume() {                             # GROUP NAME OPTION...
  local group=$1 name=$2
  shift 2
  lvcreate -qq -y -Wn -n "$name" "$@" "$group"
  settle
}
thin_volume() { # GROUP NAME SIZE: in a pool of its own, without the daemon that watches pools
  lvcreate -qq -y --monitor n -Zn -L "$3" -T "$1/pool"
  lvcreate -qq -y --monitor n -Wn -V "$3" -T "$1/pool" -n "$2"
  settle
}
raid() { # NAME DEVICE DEVICE: both hold the same from the start, so there is nothing to synchronise
  local name=$1
  shift
  mdadm --quiet --create "/dev/md/$name" --run --assume-clean --level=1 --raid-devices=2 --metadata=1.2 --homehost=machine --name="$name" "$@"
  settle
}
swap() { # DEVICE
  mkswap -q "$1"
  swapon "$1"
  settle
  noted "$1" none swap sw
}
