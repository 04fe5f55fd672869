#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Roots of all shapes that NixOS's fileSystems has: checked before they are mounted, an overlay on a squashfs, a file on another
# file system, a tmpfs with the store in it, bind mounts. roots.sh [NAME...]: only these.
source "$(dirname "$0")/lib.sh"
source "$(dirname "$0")/configured.sh"
debian_kernel
build_stage1

wanted=" $* "
is_wanted() { [ "$wanted" = "  " ] || [[ $wanted == *" $1 "* ]]; }
# root NAME 'CONFIGURATION' PARAMETERS DISKS PATTERN...: boots; each PATTERN has to be on the console, each '!PATTERN' must not be.
root() {
  local name=$1 config=$2 params=$3 disks=$4 pattern
  shift 4
  is_wanted "${name%+*}" || return 0
  [ -z "$config" ] || configured_initrd "$W/initrd-$name" "$config"
  boot "$W/$name.log" 90 "$W/initrd-${name%+*}" "quiet boot.panic_on_fail rootdelay=4 $params" $disks
  for pattern; do
    case $pattern in
      '!'*) ok "$name: no ${pattern#!}" says_not "$W/$name.log" "${pattern#!}" ;;
      *) ok "$name: $pattern" says "$W/$name.log" "$pattern" ;;
    esac
  done
  says "$W/$name.log" 'end of stage 2' || [ "${!#}" != 'end of stage 2' ] || tail -n 25 "$W/$name.log"
}

root_tree "$W/root" 'cat /proc/mounts; for f in /data/* /ro/* /host/* /a /b/*; do echo "seen $f"; done
  echo x >/b/new 2>/dev/null && echo "b is written"; [ ! -e /mark ] && echo x >/mark && echo "root is written"; ls -ld /; echo "end of stage 2"'
mkdir -p "$W"/root/{data,ro,rw,host,b,bound}
touch "$W/root/bound/of-bound" "$W/root/file"
ext4() { mke2fs -q -t ext4 "$@" >/dev/null 2>&1; }
ext4 -L root -d "$W/root" "$W/clean.img" 8M
broken() { # NAME REQUEST: a file system that was not unmounted, with what debugfs does to it
  cp "$W/clean.img" "$W/$1.img"
  printf '%s\nset_super_value state 0\n' "$2" | debugfs -w -f - "$W/$1.img" >/dev/null 2>&1
}
broken repairable 'set_super_value free_blocks_count 1'
broken unrepairable 'clri <7>'
cp "$W/unrepairable.img" "$W/unrepairable2.img"

# --- checks ---

on_vda='fileSystems."/" = { device = "/dev/vda"; fsType = "ext4"; };'
root check-clean "$on_vda" "" "$(disk "$W/clean.img")" '^/dev/vda / ext4' '!repaired' 'end of stage 2'
root check-clean+repairable "" "" "$(disk "$W/repairable.img")" 'the file system on /dev/vda was repaired:' 'root was not cleanly unmounted, check forced' 'end of stage 2'
root check-clean+unrepairable "" "" "$(disk "$W/unrepairable.img")" '/sbin/e2fsck /dev/vda ended with exit status 4' 'UNEXPECTED INCONSISTENCY' \
  'stage 1 cannot start the system: /dev/vda \(ext4, for /\) has errors that are not repaired without being asked: run `/sbin/e2fsck /dev/vda`' 'giving up' '!end of stage 2'
root check-clean+skip "" "fsck.mode=skip" "$(disk "$W/unrepairable.img")" '!e2fsck' 'end of stage 2'
root check-clean+force "" "fsck.mode=force boot.trace" "$(disk "$W/clean.img")" '!repaired' 'end of stage 2'
root check-clean+read-only "" "" "-drive file=$W/unrepairable.img,if=none,id=d0,format=raw,read-only=on -device virtio-blk,drive=d0" '!e2fsck' 'end of stage 2'
root no-check 'fileSystems."/" = { device = "/dev/vda"; fsType = "ext4"; noCheck = true; };' "" "$(disk "$W/unrepairable.img")" '!e2fsck' 'end of stage 2'
root no-journal-check "$on_vda boot.initrd.checkJournalingFS = false;" "" "$(disk "$W/unrepairable.img")" '!e2fsck' 'end of stage 2'
if is_wanted check-vfat; then
  mkfs.vfat -n DATA -C "$W/vfat.img" 16384 >/dev/null
  printf '\001' | dd of="$W/vfat.img" bs=1 seek=37 conv=notrunc status=none # the dirty bit
fi
root check-vfat "$on_vda fileSystems.\"/data\" = { device = \"/dev/vdb\"; fsType = \"vfat\"; neededForBoot = true; };" "" "$(disk "$W/clean.img") $(disk "$W/vfat.img" 1)" \
  'the file system on /dev/vdb was repaired' '^/dev/vdb /data vfat' 'end of stage 2'

# --- overlays, files, memory, binds ---

squash() { mksquashfs "$@" -quiet -no-progress -all-root -comp zstd >/dev/null; }
squash "$W/root" "$W/root.squashfs"
mkdir -p "$W/host/images"
cp "$W/clean.img" "$W/host/images/root.img"
cp "$W/root.squashfs" "$W/host/images/"
ext4 -d "$W/host" "$W/host.img" 24M
overlay='fileSystems."/" = { overlay = { lowerdir = [ "/ro" ]; upperdir = "/rw/upper"; workdir = "/rw/work"; }; };'
root squashfs 'fileSystems."/" = { device = "/dev/vda"; fsType = "squashfs"; };' "" "$(disk "$W/root.squashfs")" '^/dev/vda / squashfs ro' '!is written' 'end of stage 2'
root overlay "$overlay fileSystems.\"/ro\" = { device = \"/dev/vda\"; fsType = \"squashfs\"; }; fileSystems.\"/rw\" = { device = \"tmpfs\"; fsType = \"tmpfs\"; options = [ \"size=8M\" ]; };" \
  "" "$(disk "$W/root.squashfs")" '^overlay / overlay rw' '^/dev/vda /ro squashfs' '^tmpfs /rw tmpfs' '^seen /ro/sbin' 'root is written' '^drwxr-xr-x .* /$' 'end of stage 2'
root overlay-on-file "$overlay fileSystems.\"/ro\" = { device = \"/host/images/root.squashfs\"; fsType = \"squashfs\"; options = [ \"loop\" ]; }; fileSystems.\"/host\" = { device = \"/dev/vda\"; fsType = \"ext4\"; }; fileSystems.\"/rw\".fsType = \"tmpfs\";" \
  "" "$(disk "$W/host.img")" '^overlay / overlay rw' '^/dev/loop0 /ro squashfs' '^/dev/vda /host ext4' 'end of stage 2'
root loop 'fileSystems."/" = { device = "/host/images/root.img"; fsType = "ext4"; options = [ "loop" ]; }; fileSystems."/host" = { device = "/dev/vda"; fsType = "ext4"; };' \
  "" "$(disk "$W/host.img")" '^/dev/loop0 / ext4 rw' '^/dev/vda /host ext4 rw' '^seen /host/images' 'root is written' 'end of stage 2'
root loop+no-file "" "" "$(disk "$W/clean.img")" 'stage 1 cannot start the system: /host/images/root.img \(for /\) cannot be used: No such file'

# A live system as NixOS's installer is made: nothing but the store, in a squashfs on the medium.
S=nix/store/00000000000000000000000000000000-system
mkdir -p "$W/live/$S/bin"
cp /bin/busybox "$W/live/$S/bin/busybox"
printf '#!/%s/bin/busybox sh\nP=/%s/bin/busybox\n$P cat /proc/mounts; echo x >/nix/store/new && echo "the store is written"; echo "end of stage 2"; $P reboot -f\n' $S $S >"$W/live/$S/init"
chmod +x "$W/live/$S/init"
mkdir -p "$W/medium"
(cd "$W/live/nix/store" && squash . "$W/medium/nix-store.squashfs")
ext4 -L medium -d "$W/medium" "$W/medium.img" 8M
root live 'fileSystems = {
    "/" = { fsType = "tmpfs"; options = [ "mode=0755" ]; };
    "/iso" = { device = "/dev/disk/by-label/medium"; fsType = "ext4"; options = [ "ro" ]; neededForBoot = true; noCheck = true; };
    "/nix/.ro-store" = { fsType = "squashfs"; device = "/iso/nix-store.squashfs"; options = [ "loop" ]; neededForBoot = true; };
    "/nix/.rw-store" = { fsType = "tmpfs"; options = [ "mode=0755" ]; neededForBoot = true; };
    "/nix/store" = { overlay = { lowerdir = [ "/nix/.ro-store" ]; upperdir = "/nix/.rw-store/store"; workdir = "/nix/.rw-store/work"; }; };
  };' "init=/$S/init" "$(disk "$W/medium.img")" '^tmpfs / tmpfs' '^/dev/loop0 /nix/.ro-store squashfs' '^overlay /nix/store overlay rw' 'the store is written' 'end of stage 2'
root binds "$on_vda fileSystems.\"/b\" = { device = \"/bound\"; fsType = \"none\"; options = [ \"bind\" \"ro\" ]; neededForBoot = true; }; fileSystems.\"/a\" = { device = \"/file\"; options = [ \"bind\" ]; neededForBoot = true; };
    fileSystems.\"/etc/here\" = { device = \"/bound\"; depends = [ \"/b\" ]; options = [ \"bind\" \"nofail\" ]; neededForBoot = true; };" \
  "" "$(disk "$W/clean.img")" '^/dev/vda /b ext4 ro' '^seen /b/of-bound' '^/dev/vda /a ext4' '^/dev/vda /etc/here ext4' '!b is written' 'root is written' 'end of stage 2'
root unknown-type 'fileSystems."/" = { device = "/dev/vda"; fsType = "befs-or-so"; };' "" "$(disk "$W/clean.img")" \
  'cannot mount /dev/vda \(/dev/vda, type befs-or-so, found ext4\) on /: No such device: this kernel has no such file system'
[ -z "${KEEP-}" ] || cp "$W"/*.log "$KEEP"
finish
