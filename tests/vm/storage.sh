#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Root behind LUKS, LVM, RAID and on a btrfs of two devices: a guest lays out real disks with cryptsetup, lvm and mdadm; then each
# layout is booted with the initrd that its configuration gives. storage.sh [NAME...]: only these layouts.
source "$(dirname "$0")/lib.sh"
source "$(dirname "$0")/configured.sh"
debian_kernel
build_stage1

# layout NAME DISKS 'CONFIGURATION': what fileSystems and the rest say. Preparation is in prepare below.
names=() wanted=" $* "
declare -A disks=() config=()
layout() {
  [ "$wanted" = "  " ] || [[ $wanted == *" $1 "* ]] || return 0
  names+=("$1")
  disks[$1]=$2 config[$1]=$3
}
ext4() { echo "fileSystems.\"/\" = { device = \"$1\"; fsType = \"ext4\"; };"; }
layout luks2 1 "$(ext4 /dev/mapper/crypt) boot.initrd.luks.devices.crypt = { device = \"/dev/disk/by-uuid/11111111-0000-0000-0000-000000000001\"; allowDiscards = true; bypassWorkqueues = true; };"
layout luks1-key 2 "$(ext4 LABEL=root) boot.initrd.luks.devices.\"with key\" = { name = \"with-key\"; device = \"/dev/disk/by-id/virtio-luks1-key-0\"; keyFile = \"/dev/disk/by-id/virtio-luks1-key-1\"; keyFileOffset = 4096; keyFileSize = 32; };"
layout luks2-header 2 "$(ext4 /dev/mapper/crypt) boot.initrd.luks.devices.crypt = { device = \"/dev/disk/by-id/virtio-luks2-header-0\"; header = \"/dev/disk/by-id/virtio-luks2-header-1\"; };"
layout lvm 2 "$(ext4 /dev/a-group/the-root)"
layout lvm-thin 1 "$(ext4 /dev/mapper/thin-root)"
layout luks-on-lvm 1 "$(ext4 /dev/mapper/crypt) boot.initrd.luks.devices.crypt.device = \"/dev/below/root\";"
layout lvm-on-luks 2 "$(ext4 /dev/above/root) boot.initrd.luks.devices = { one.device = \"/dev/disk/by-id/virtio-lvm-on-luks-0\"; two = { device = \"/dev/disk/by-id/virtio-lvm-on-luks-1\"; preLVM = true; }; };"
layout raid1 2 "$(ext4 /dev/md/system)"
layout raid1-degraded 1 "$(ext4 /dev/disk/by-id/md-name-guest:7)"
layout raid1-lvm-luks 2 "$(ext4 /dev/stack/root) boot.swraid.enable = true; boot.initrd.luks.devices.crypt.device = \"/dev/disk/by-id/md-uuid-11111111:22222222:33333333:44444444\";"
layout btrfs-2 2 "fileSystems.\"/\" = { device = \"/dev/disk/by-label/two\"; fsType = \"btrfs\"; };"

make_initrd() { configured_initrd "$W/initrd-$1" "${config[$1]}"; } # NAME

# --- the disks ---

root_tree "$W/root" 'cat /proc/cmdline; grep " / " /proc/mounts; cat /proc/mdstat 2>/dev/null; ls /run/udev/data 2>/dev/null; echo "end of stage 2"'
mke2fs -q -t ext4 -L root -d "$W/root" "$W/root.img" 8M
prepare_script() {
  cat <<'END'
set -e
mkdir -p /run/lvm /run/cryptsetup
export DM_DISABLE_UDEV=1 PATH=/sbin:/bin
for f in /sys/class/block/vd*; do s=$(cat $f/serial); mkdir -p /dev/by; [ -z "$s" ] || ln -s /dev/${f##*/} /dev/by/$s; done
d() { readlink -f /dev/by/$1; }
fill() { dd if=$(d root) of=$1 bs=1M 2>/dev/null; }
quick="--batch-mode --pbkdf pbkdf2 --pbkdf-force-iterations 1000"
format() { printf %s "$2" | cryptsetup luksFormat $quick --key-file=- $3 $1; }
open() { printf %s "$2" | cryptsetup open --type luks --key-file=- $4 $1 $3; }
volume() { lvm vgcreate -qq "$@"; }
has() { [ -e /dev/by/$1-0 ]; }
if has luks2; then format $(d luks2-0) secret "--type luks2 --uuid 11111111-0000-0000-0000-000000000001"; open $(d luks2-0) secret x; fill /dev/mapper/x; cryptsetup close x; fi
if has luks1-key; then
  dd if=/dev/urandom of=$(d luks1-key-1) bs=4096 count=4 2>/dev/null
  key="--key-file $(d luks1-key-1) --keyfile-offset 4096 --keyfile-size 32"
  cryptsetup luksFormat --batch-mode --type luks1 --pbkdf-force-iterations 1000 $key $(d luks1-key-0)
  cryptsetup open --type luks $key $(d luks1-key-0) x; fill /dev/mapper/x; cryptsetup close x
fi
if has luks2-header; then format $(d luks2-header-0) secret "--type luks2 --header $(d luks2-header-1)"; open $(d luks2-header-0) secret x "--header $(d luks2-header-1)"; fill /dev/mapper/x; cryptsetup close x; fi
if has lvm; then volume a-group $(d lvm-0) $(d lvm-1); lvm lvcreate -qq -Zn -Wn -i2 -L 16M -n the-root a-group; fill /dev/mapper/a--group-the--root; lvm vgchange -qq -an a-group; fi
if has lvm-thin; then volume thin $(d lvm-thin-0); lvm lvcreate -qq -Zn -L 20M -T thin/pool; lvm lvcreate -qq -Wn -V 16M -T thin/pool -n root; fill /dev/mapper/thin-root; lvm vgchange -qq -an thin; fi
if has luks-on-lvm; then volume below $(d luks-on-lvm-0); lvm lvcreate -qq -Zn -Wn -L 32M -n root below; format /dev/mapper/below-root secret; open /dev/mapper/below-root secret x; fill /dev/mapper/x; cryptsetup close x; lvm vgchange -qq -an below; fi
if has lvm-on-luks; then
  for i in 0 1; do format $(d lvm-on-luks-$i) "two words"; open $(d lvm-on-luks-$i) "two words" x$i; done
  volume above /dev/mapper/x0 /dev/mapper/x1; lvm lvcreate -qq -Zn -Wn -i2 -L 16M -n root above; fill /dev/mapper/above-root; lvm vgchange -qq -an above; cryptsetup close x0; cryptsetup close x1
fi
raid() { a=$1; shift; mdadm --quiet --create $a --run --level=1 --raid-devices=2 --homehost=guest "$@" 2>&1; }
if has raid1; then raid /dev/md/system --metadata=1.0 --name=system $(d raid1-0) $(d raid1-1); fill /dev/md/system; mdadm --quiet --stop /dev/md/system; fi
if has raid1-degraded; then raid /dev/md7 --metadata=1.2 --name=7 $(d raid1-degraded-0) $(d raid1-degraded-1); fill /dev/md7; mdadm --quiet --stop /dev/md7; fi
if has raid1-lvm-luks; then
  raid /dev/md8 --metadata=1.2 --name=8 --uuid=11111111:22222222:33333333:44444444 $(d raid1-lvm-luks-0) $(d raid1-lvm-luks-1); format /dev/md8 secret "--type luks2 --uuid 11111111-0000-0000-0000-000000000002"; open /dev/md8 secret x
  volume stack /dev/mapper/x; lvm lvcreate -qq -Zn -Wn -L 16M -n root stack; fill /dev/mapper/stack-root; lvm vgchange -qq -an stack; cryptsetup close x; mdadm --quiet --stop /dev/md8
fi
if has btrfs-2; then
  mkfs.btrfs -q -L two -d raid0 -m raid1 $(d btrfs-2-0) $(d btrfs-2-1); mkdir -p /mnt /mnt2
  mount -t btrfs $(d btrfs-2-0) /mnt; mount -o ro $(d root) /mnt2; cp -a /mnt2/. /mnt/; umount /mnt; umount /mnt2
fi
sync
echo "all disks are laid out"
END
}
prepare() {
  local store=$W/store tools name i applet library
  tools=$store$("$bin/nix-build" --no-out-link -E '(import <nixpkgs> { }).initrdTools { programs = [ "cryptsetup" "lvm" "mdadm" ]; }')
  root_tree "$W/prepare" "$(prepare_script)"
  cp -r "$tools"/* "$W/prepare/"
  chmod -R u+w "$W/prepare"
  mkdir -p "$W/prepare/etc/lvm" "$W/prepare/tmp"
  printf 'activation { udev_sync = 0 udev_rules = 0 verify_udev_operations = 0 monitoring = 0 }\ndevices { obtain_device_list_from_udev = 0 use_devicesfile = 0 }\nglobal { thin_check_executable = "" }\nbackup { backup = 0 archive = 0 }\n' >"$W/prepare/etc/lvm/lvm.conf"
  cp /sbin/mkfs.btrfs "$W/prepare/sbin/"
  for library in $(ldd /sbin/mkfs.btrfs | grep -o '/[^ ]*'); do cp -Ln "$library" "$W/prepare/lib/x86_64-linux-gnu/"; done
  for applet in dd readlink ln mkdir printf sync cp umount; do ln -sf busybox "$W/prepare/bin/$applet"; done
  mke2fs -q -t ext4 -d "$W/prepare" "$W/prepare.img" 96M
  local drives="$(disk "$W/prepare.img" p) -drive file=$W/root.img,if=none,id=dr,format=raw -device virtio-blk,drive=dr,serial=root"
  for name in "${names[@]}"; do
    for i in 0 1; do
      truncate -s 128M "$W/$name-$i.img"
      drives+=" -drive file=$W/$name-$i.img,if=none,id=$name-$i,format=raw,cache=unsafe -device virtio-blk,drive=$name-$i,serial=$name-$i"
    done
  done
  initrd "$W/prepare-initrd" '"kernelModules":["virtio_pci","virtio_blk","dm_mod","dm_crypt","xts","cbc","ecb","essiv","algif_skcipher","dm_thin_pool","raid1","dm_raid","btrfs"],"fileSystems":[{"device":"/dev/vda","mountPoint":"/","fsType":"ext4","options":["rw"]}]'
  boot "$W/prepare.log" 240 "$W/prepare-initrd" quiet $drives
  ok "the disks are laid out" says "$W/prepare.log" 'all disks are laid out'
  says "$W/prepare.log" 'all disks are laid out' || grep -v '^\[' "$W/prepare.log" | tail -n 20
}
prepare

# --- the boots ---

drives_of() { # NAME COUNT
  local i
  for i in $(seq 0 $(($2 - 1))); do
    echo "-drive file=$W/$1-$i.img,if=none,id=d$i,format=raw,snapshot=on -device virtio-blk,drive=d$i,serial=$1-$i"
  done
}
typed() {
  case $1 in
    luks2) printf '%s\n' 'not it' secret ;;
    luks2-header | luks-on-lvm | raid1-lvm-luks) echo secret ;;
    lvm-on-luks) echo 'two words' ;;
  esac
}
for name in "${names[@]}"; do
  make_initrd "$name"
  mapfile -t lines < <(typed "$name")
  boot_typing "$W/$name.log" "$W/initrd-$name" "quiet rootdelay=16" "$(drives_of "$name" "${disks[$name]}")" "${lines[@]}"
  ok "$name" says "$W/$name.log" '^end of stage 2'
  case ${config[$name]} in *'"/" = { device = "/dev/mapper/'*) ok "$name: the root has its own name" says "$W/$name.log" '^/dev/mapper/[^ ]* / ext4' ;; esac
  says "$W/$name.log" '^end of stage 2' || grep -v '^\[.*  ' "$W/$name.log" | tail -n 25
done
log() { [ -e "$W/$1.log" ] && ok "$1: $2" says "$W/$1.log" "$2" || [ ! -e "$W/$1.log" ]; }
log luks2 'this passphrase does not open crypt'
log luks2 '^b25[0-9]:0$'
log raid1-degraded 'starts arrays and volumes with the disks that are here'
log raid1-degraded 'md[0-9]* : active raid1 .*$'

# --- what is wrong is said ---

wrong() { # NAME TEXT DRIVES LINE...
  local name=$1 text=$2 drives=$3
  shift 3
  [ -e "$W/initrd-$name" ] || return 0
  boot_typing "$W/wrong.log" "$W/initrd-$name" "quiet rootdelay=2" "$drives" "$@"
  ok "$name without a part: $text" says "$W/wrong.log" "$text"
  says "$W/wrong.log" "$text" || tail -n 25 "$W/wrong.log"
}
wrong luks2 'crypt stays closed: no passphrase was given' "$(drives_of luks2 1)" $'\004'
wrong luks1-key '/dev/disk/by-id/virtio-luks1-key-1 did not appear in 2 seconds' "$(drives_of luks1-key 1)"
wrong lvm '/dev/a-group/the-root \(for /\) did not appear in 2 seconds' "$(drives_of lvm 1)"
wrong btrfs-2 'devices of the btrfs on /dev/disk/by-label/two are missing' "$(drives_of btrfs-2 1)"
finish
