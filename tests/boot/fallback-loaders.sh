# SPDX-License-Identifier: GPL-2.0-or-later
# The loaders of fallback.sh: what each has in /boot before kernix comes (prepare_*, in $W/boot.LOADER), the disk that is made of it (image_*),
# and how the machine is turned on.
# shellcheck shell=bash disable=SC2034
loaders=(grub-bios grub-uefi grub-btrfs systemd-boot systemd-257 systemd-262 systemd-258 extlinux)
entries_grub-bios() { entries_outside; }
entries_grub-uefi() { entries_outside; }
entries_systemd-boot() { entries_outside; }

# The distribution's own kernel in an empty /boot.
boot_folder() { # LOADER TYPE DEVICE
  rm -rf "$W/boot.$1"
  mkdir -p "$W/boot.$1"
  cp "$M/boot/vmlinuz" "$M/boot/initrd.img" "$W/boot.$1/"
  echo "$2" >"$M/etc/boot-type"
  echo "$3" >"$M/etc/boot-device"
  rm -f "$M/etc/esp-device"
  for module in vfat nls_cp437 nls_ascii nls_iso8859-1 efivarfs btrfs; do
    modprobe -d "$K" -S "$V" --show-depends "$module" | sed -n 's/^insmod \([^ ]*\).*/\1/p' | while read -r file; do
      mkdir -p "$M$(dirname "${file#"$K"}")" && cp "$file" "$M${file#"$K"}"
    done
  done
  depmod -b "$M" "$V" 2>/dev/null
}
host_params='root=LABEL=machine rw console=ttyS0 quiet no_timer_check'
grub_config() { # FOLDER: in the shape of Debian's
  mkdir -p "$1"
  cat >"$1/grub.cfg" <<CFG
serial --unit=0 --speed=115200
terminal_output serial
set default="0"
set timeout=0
menuentry 'Debian GNU/Linux' --class debian --id 'gnulinux-simple' {
	linux /vmlinuz $host_params
	initrd /initrd.img
}
if [ -f  \${config_directory}/custom.cfg ]; then
  source \${config_directory}/custom.cfg
elif [ -z "\${config_directory}" -a -f  \$prefix/custom.cfg ]; then
  source \$prefix/custom.cfg
fi
CFG
}
ext4_of() { # FOLDER ROOM-MB IMAGE
  rm -f "$3"
  mke2fs -q -F -t ext4 -O ^metadata_csum,^64bit -L boot -d "$1" "$3" "$(($(du -sm "$1" | cut -f1) + $2))M" >"$W/mke2fs.log" 2>&1 || cat "$W/mke2fs.log"
}

prepare_grub-bios() {
  boot_folder grub-bios ext4 /dev/vda1
  grub_config "$W/boot.grub-bios/grub"
  mkdir -p "$W/boot.grub-bios/grub/i386-pc"
  cp /usr/lib/grub/i386-pc/*.mod /usr/lib/grub/i386-pc/*.lst "$W/boot.grub-bios/grub/i386-pc/"
  grub-mkimage -O i386-pc -p '(hd0,msdos1)/grub' -o "$W/core.img" biosdisk part_msdos ext2
}
image_grub-bios() { # FOLDER ROOM-MB
  ext4_of "$1" "$2" "$W/part.img"
  rm -f "$W/first.img"
  truncate -s $(($(stat -c %s "$W/part.img") + 1048576)) "$W/first.img"
  printf 'label: dos\nstart=1M,bootable,type=83\n' | sfdisk -q "$W/first.img"
  dd if=/usr/lib/grub/i386-pc/boot.img of="$W/first.img" bs=440 count=1 conv=notrunc status=none
  dd if="$W/core.img" of="$W/first.img" bs=512 seek=1 conv=notrunc status=none
  dd if="$W/part.img" of="$W/first.img" bs=1M seek=1 conv=notrunc,sparse status=none
}

prepare_grub-uefi() {
  boot_folder grub-uefi ext4 /dev/vda2
  grub_config "$W/boot.grub-uefi/grub"
  mkdir -p "$W/boot.grub-uefi/grub/x86_64-efi" "$W/esp/EFI/BOOT"
  cp /usr/lib/grub/x86_64-efi/*.mod /usr/lib/grub/x86_64-efi/*.lst "$W/boot.grub-uefi/grub/x86_64-efi/"
  grub-mkimage -O x86_64-efi -p '(hd0,gpt2)/grub' -o "$W/esp/EFI/BOOT/BOOTX64.EFI" part_gpt ext2 fat
  truncate -s 16M "$W/esp.img"
  mkfs.vfat -n ESP "$W/esp.img" >/dev/null
  mcopy -i "$W/esp.img" -s "$W/esp/EFI" ::
}
image_grub-uefi() { # FOLDER ROOM-MB
  ext4_of "$1" "$2" "$W/part.img"
  local sectors=$(($(stat -c %s "$W/part.img") / 512))
  rm -f "$W/first.img"
  truncate -s $(((sectors + 34816 + 2048) * 512)) "$W/first.img"
  printf 'label: gpt\nstart=2048,size=32768,type=U\nstart=34816,size=%s,type=L\n' "$sectors" | sfdisk -q "$W/first.img"
  dd if="$W/esp.img" of="$W/first.img" bs=1M seek=1 conv=notrunc status=none
  dd if="$W/part.img" of="$W/first.img" bs=1M seek=17 conv=notrunc,sparse status=none
}

# The program of another Debian, kept in the build folder; its version must be the one that is meant, since a suite goes on.
systemd_program() { # SUITE VERSION
  local dir=$KERNIX_BUILD/systemd-boot/$2 mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian} name
  if [ ! -e "$dir/done" ]; then
    mkdir -p "$dir"
    name=$(curl -sSf -m 120 "$mirror/dists/$1/main/binary-amd64/Packages.xz" 2>/dev/null | xz -dc 2>/dev/null | sed -n 's/^Filename: \(.*\/systemd-boot-efi_'"$2"'.*_amd64.deb\)$/\1/p' | head -n 1)
    [ -n "$name" ] && curl -sSf -m 120 -o "$dir/deb" "$mirror/$name" 2>/dev/null && dpkg-deb --fsys-tarfile "$dir/deb" | tar -x -C "$dir" --strip-components=6 ./usr/lib/systemd/boot/efi/systemd-bootx64.efi && touch "$dir/done"
  fi
  [ ! -e "$dir/done" ] || echo "$dir/systemd-bootx64.efi"
}
prepare_systemd-boot() { # [LOADER PROGRAM]
  local name=${1:-systemd-boot} program=${2:-/usr/lib/systemd/boot/efi/systemd-bootx64.efi}
  boot_folder "$name" vfat /dev/vda
  local esp=$W/boot.$name
  mkdir -p "$esp"/{EFI/BOOT,EFI/systemd,loader/entries}
  cp "$program" "$esp/EFI/BOOT/BOOTX64.EFI"
  cp "$esp/EFI/BOOT/BOOTX64.EFI" "$esp/EFI/systemd/systemd-bootx64.efi"
  printf 'timeout 0\ndefault debian-*\n' >"$esp/loader/loader.conf"
  printf 'title Debian\nlinux /vmlinuz\ninitrd /initrd.img\noptions %s\n' "$host_params" >"$esp/loader/entries/debian-6.1.conf"
}
image_systemd-boot() { # FOLDER ROOM-MB
  rm -f "$W/first.img"
  truncate -s "$(($(du -sm --apparent-size "$1" | cut -f1) + $2))M" "$W/first.img"
  mkfs.vfat -n ESP "$W/first.img" >/dev/null
  mcopy -i "$W/first.img" -s "$1"/* ::
}
prepare_systemd-257() { program=$(systemd_program trixie 257) && [ -n "$program" ] && prepare_systemd-boot systemd-257 "$program"; }
prepare_systemd-262() { program=$(systemd_program sid 262) && [ -n "$program" ] && prepare_systemd-boot systemd-262 "$program"; }
image_systemd-257() { image_systemd-boot "$@"; }
image_systemd-262() { image_systemd-boot "$@"; }
entries_systemd-257() { entries_outside; }
entries_systemd-262() { entries_outside; }
# One that miscounts, by what its file says; the one that starts is another.
prepare_systemd-258() {
  prepare_systemd-262 || return 1
  rm -rf "$W/boot.systemd-258" && mv "$W/boot.systemd-262" "$W/boot.systemd-258"
  sed -i 's/LoaderInfo: systemd-boot 262/LoaderInfo: systemd-boot 258/' "$W/boot.systemd-258/EFI/systemd/systemd-bootx64.efi"
}
image_systemd-258() { image_systemd-boot "$@"; }
entries_systemd-258() { entries_inside; }

# EXTLINUX is installed, and its note of the next start is written, on the machine itself.
prepare_extlinux() {
  boot_folder extlinux ext4 /dev/vda1
  mkdir -p "$W/boot.extlinux/extlinux"
  printf 'SERIAL 0 115200\nPROMPT 0\nDEFAULT l0\nLABEL l0\n\tLINUX /vmlinuz\n\tINITRD /initrd.img\n\tAPPEND %s\n' "$host_params" >"$W/boot.extlinux/extlinux/extlinux.conf"
  cp /usr/bin/extlinux "$M/extlinux"
}
image_extlinux() { # FOLDER ROOM-MB
  ext4_of "$1" "$2" "$W/part.img"
  rm -f "$W/first.img"
  truncate -s $(($(stat -c %s "$W/part.img") + 1048576)) "$W/first.img"
  printf 'label: dos\nstart=1M,bootable,type=83\n' | sfdisk -q "$W/first.img"
  dd if=/usr/lib/EXTLINUX/mbr.bin of="$W/first.img" bs=440 count=1 conv=notrunc status=none
  dd if="$W/part.img" of="$W/first.img" bs=1M seek=1 conv=notrunc,sparse status=none
}
entries_extlinux() {
  entries_inside || return 1
  hangs_in_module || return 0
  local disk="$W/first.img?offset=1048576" name
  rm -rf "$M/boot" && mkdir "$M/boot"
  debugfs -R "rdump /kernix $M/boot" "$disk" >/dev/null 2>&1
  debugfs -R "rdump /extlinux $M/boot" "$disk" >/dev/null 2>&1
  hang_in_module
  for name in $(cd "$M/boot" && echo kernix/*-initrd); do
    printf 'rm /%s\nwrite %s /%s\n' "$name" "$M/boot/$name" "$name"
  done | debugfs -w -f - "$disk" >/dev/null 2>&1
}

# GRUB cannot write on btrfs: what it notes goes to the EFI system partition.
prepare_grub-btrfs() {
  boot_folder grub-btrfs btrfs /dev/vda2
  echo /dev/vda1 >"$M/etc/esp-device"
  grub_config "$W/boot.grub-btrfs/grub"
  mkdir -p "$W/boot.grub-btrfs/grub/x86_64-efi" "$W/boot.grub-btrfs/efi" "$W/esp-btrfs/EFI/BOOT"
  cp /usr/lib/grub/x86_64-efi/*.mod /usr/lib/grub/x86_64-efi/*.lst "$W/boot.grub-btrfs/grub/x86_64-efi/"
  grub-mkimage -O x86_64-efi -p '(hd0,gpt2)/grub' -o "$W/esp-btrfs/EFI/BOOT/BOOTX64.EFI" part_gpt btrfs fat
}
image_grub-btrfs() { # FOLDER
  rm -f "$W/first.img" "$W/esp.img" "$W/part.img"
  truncate -s 32M "$W/esp.img"
  mkfs.vfat -n ESP "$W/esp.img" >/dev/null
  mcopy -i "$W/esp.img" -s "$W/esp-btrfs/EFI" ::
  truncate -s 384M "$W/part.img"
  mkfs.btrfs -q -r "$1" "$W/part.img"
  truncate -s 420M "$W/first.img"
  printf 'label: gpt\nstart=2048,size=65536,type=U\nstart=67584,size=786432,type=L\n' | sfdisk -q "$W/first.img"
  dd if="$W/esp.img" of="$W/first.img" bs=1M seek=1 conv=notrunc,sparse status=none
  dd if="$W/part.img" of="$W/first.img" bs=1M seek=33 conv=notrunc,sparse status=none
}
entries_grub-btrfs() { entries_inside; }

# The entries of a row written by the machine itself, on a disk that has the loader and the good generation.
entries_inside() { # [FILE]: where the writes are recorded
  qemu-img create -q -f qcow2 -b root.img -F raw "$W/overlay.qcow2"
  if [ ! -e "$W/base.$loader" ]; then
    "image_$loader" "$W/boot.$loader" 160 && arm install && mv "$W/first.img" "$W/base.$loader" || return 1
    qemu-img create -q -f qcow2 -b root.img -F raw "$W/overlay.qcow2"
  fi
  cp --sparse=always "$W/base.$loader" "$W/first.img"
  local word=$((generation[$failure] + 1))
  case $loader:$failure in extlinux:variant) word=${word}variant ;; esac
  arm "$word" "${1-}"
}
# Starts the distribution's kernel without the loader to write entries there.
arm() { # N|install [FILE]
  local first=(-drive "file=$W/first.img,if=virtio,format=raw,cache=unsafe")
  [ -z "${2-}" ] || first=(-blockdev "driver=file,node-name=f,filename=$W/first.img" -blockdev "driver=file,node-name=l,filename=$2"
    -blockdev driver=blklogwrites,node-name=b,file=f,log=l,log-sector-size=512 -device virtio-blk-pci,drive=b)
  firmware
  timeout -k 5 600 qemu-system-x86_64 -accel tcg -m 512 -nodefaults -display none -serial stdio -no-reboot "${firmware[@]}" -kernel "$W/boot.$loader/vmlinuz" -initrd "$W/boot.$loader/initrd.img" \
    -append "$host_params fallback.arm=$1" "${first[@]}" -drive "file=$W/overlay.qcow2,if=virtio,format=qcow2,cache=unsafe" </dev/null >"$W/arm.raw" 2>&1
  tr -d '\r' <"$W/arm.raw" >"$W/arm.log"
  says "$W/arm.log" '^ARMED 0' || { tail -n 30 "$W/arm.log"; return 1; }
}

# The options of the machine's firmware; EFI variables stay from one start to the next.
firmware() {
  firmware=()
  case $loader in
    grub-uefi | grub-btrfs | systemd*)
      [ -e "$W/vars.$loader" ] || cp /usr/share/OVMF/OVMF_VARS.fd "$W/vars.$loader"
      firmware=(-drive if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE.fd -drive "if=pflash,format=raw,file=$W/vars.$loader")
      ;;
  esac
}

# One turn of the power switch: the machine restarts by itself as often as it wants to, and the guest turns it off when it is up.
start_row() { # FAILURE
  firmware
  local machine=(-accel tcg -m 512 -nodefaults -display none -serial stdio -device i6300esb -action watchdog=reset "${firmware[@]}"
    -drive "file=$W/first.img,if=virtio,format=raw,cache=unsafe" -drive "file=$W/overlay.qcow2,if=virtio,format=qcow2,cache=unsafe")
  : >"$W/raw"
  timeout -k 5 600 qemu-system-x86_64 "${machine[@]}" </dev/null >"$W/raw" 2>&1 &
  local pid=$!
  if [ "$1" = power ]; then
    while kill -0 $pid 2>/dev/null && ! grep -aq '^POWER' "$W/raw"; do sleep 0.3; done
    kill -9 "$(pgrep -P $pid)" 2>/dev/null
    wait $pid || :
    timeout -k 5 600 qemu-system-x86_64 "${machine[@]}" </dev/null >>"$W/raw" 2>&1 &
    pid=$!
  fi
  wait $pid || :
  tr -d '\r' <"$W/raw" >"$W/log"
}
