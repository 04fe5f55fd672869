#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# nixos-rebuild --root DIR where somebody else filled DIR: absolute links in it, at every place that is written or read, lead to a folder of
# the host that exists. Nothing there may change or be copied into DIR; links are followed as after a chroot to DIR.
source "$(dirname "$0")/../boot/lib.sh"
host=$work/host

snapshot() { (cd "$host" && find . -printf '%p %y %m %T@ %l\n' | sort && find . -type f -exec md5sum {} + | sort); }
fresh() { # LOADER
  new_root "$1"
  mkdir -p "$R/etc/systemd/system/multi-user.target.wants" "$R/etc/modprobe.d" "$R/etc/sysctl.d" "$R/lib/modules" "$R/run/systemd/system" "$R/boot/kernix"
  rm -rf "$host"
  mkdir -p "$host"
}
# lead NAME: what is at NAME in the root lies on the host now, with a secret in it, and NAME is an absolute link to it
lead() {
  local to=$host/there
  if [ -e "$R/$1" ]; then mv "$R/$1" "$to"; else echo SECRET >"$to"; fi
  if [ -d "$to" ]; then echo SECRET >"$to/secret"; else echo '# SECRET custom.cfg' >>"$to"; fi
  mkdir -p "$(dirname "$R/$1")"
  ln -s "$to" "$R/$1"
}
everything() {
  rebuild boot
  kboot confirm --booted "$(generation 1)"
  rebuild switch
  rebuild boot --rollback
  rebuild uninstall
}
places() { # LOADER NAME...
  local loader=$1 name before
  shift
  for name in "$@"; do
    fresh "$loader"
    lead "$name"
    before=$(snapshot)
    everything >"$work/out" 2>&1 </dev/null
    check "$loader, $name is a link: the host stays as it is" is "$(snapshot)" "$before"
    check "$loader, $name is a link: nothing is copied from it" is "$(grep -rls SECRET "$R" 2>/dev/null | grep -v "/nix/store/" | xargs)" ""
  done
}

configuration '{ modprobe = "options a b=1"; sysctl = "net.x = 1"; }'
places grub boot boot/kernix boot/kernix/grub.cfg boot/kernix/grubenv boot/kernix/good boot/kernix/lock boot/grub boot/grub/grub.cfg boot/grub/custom.cfg \
  etc etc/systemd etc/systemd/system etc/systemd/system/multi-user.target.wants etc/systemd/system/kernix-boot-confirm.service etc/modprobe.d \
  etc/sysctl.d etc/fstab lib lib/modules run run/systemd/system
places systemd-boot boot boot/loader boot/loader/entries boot/loader/loader.conf boot/EFI
places extlinux boot boot/extlinux boot/extlinux/extlinux.conf

# A kernel's copy under its temporary name, which can be known before.
fresh grub
rebuild boot >/dev/null 2>&1
kernel=$(ls "$R/boot/kernix" | grep kernel)
rebuild uninstall >/dev/null 2>&1
echo precious >"$host/file"
for name in "$kernel" ".new-$kernel" "new-$kernel"; do
  mkdir -p "$R/boot/kernix"
  ln -s "$host/file" "$R/boot/kernix/$name"
done
before=$(snapshot)
rebuild boot >/dev/null 2>&1
check "links in the place of kernels" is "$(snapshot)" "$before"
check "the kernel is a file" test -f "$R/boot/kernix/$kernel" -a ! -L "$R/boot/kernix/$kernel"

# A profile that is a link to the machine's.
fresh grub
configuration '{ }'
rebuild boot >/dev/null 2>&1
mkdir "$host/profiles"
for n in 1 2 3; do ln -s "$(generation 1)" "$host/profiles/system-$n-link"; done
ln -s system-3-link "$host/profiles/system"
ln -s "$profiles/a-link" "$profiles/evil"
ln -s "$host/profiles/system" "$profiles/a-link"
before=$(snapshot)
"$bin/nix-collect-garbage" -d --store "local?root=$R" >/dev/null 2>&1
check "old generations of the machine's stay" is "$(snapshot)" "$before"
rm "$system" && ln -s "$host/profiles/system" "$system"
configuration '{ kernel = "kernel two"; }'
for command in boot switch "boot --rollback"; do
  # shellcheck disable=SC2086
  rebuild $command >/dev/null 2>&1
  env_ -p "$system" --delete-generations old --root "$R" >/dev/null 2>&1
  check "$command: a profile that is a link: the machine's stays" is "$(snapshot)" "$before"
done

# Links are followed within the root.
fresh grub
mkdir -p "$R/mnt"
mv "$R/boot" "$R/mnt/boot"
ln -s /mnt/boot "$R/boot"
ln -s ../../../../../../../../../../mnt/boot "$R/up"
check "an absolute link within the root" says 'Done. The new configuration is' rebuild boot
check "leads to the root's own folder" has "$R/mnt/boot/kernix/grub.cfg" "kernix-entry"
rm "$R/boot"
ln -s ../../../../../../../../../../mnt/boot "$R/boot"
check "so does one that climbs" says 'Done. The new configuration is' rebuild boot
rm "$R/boot"
ln -s boot "$R/boot"
check "a link to itself is an end" eval '! rebuild boot >/dev/null 2>&1'

# A system whose kernel is a link out of the store: the root's file is meant, not the machine's.
fresh grub
configuration '{ kernel = "kernel"; }'
rebuild boot >/dev/null 2>&1
top=$(generation 1)
echo SECRET-HOST >"$host/kernel"
chmod -R u+w "$R$top" && rm -f "$R$top/kernel" && ln -s "$host/kernel" "$R$top/kernel"
rm -rf "$R/boot/kernix"
rebuild boot >"$work/out" 2>&1
check "a kernel that leads out is not copied from the host" is "$(grep -rls SECRET-HOST "$R/boot")" ""
finish
