#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every boot loader times every way in which a new generation may fail: the machine is turned on once, and comes up with the last good
# generation without a key pressed. fallback.sh [LOADER:FAILURE]...: only these rows; LOADER: and :FAILURE are all of one kind. Others
# are something else: variant, the entry of a specialisation that a person chooses; cut, the power that goes while entries are written:
# the machine is turned on with the boot disk as it was after each of POINTS (20) of the writes to it. A third, sees, asks GRUB's own reader
# of file systems what it finds after each of them.
source "$(dirname "$0")/vm-lib.sh"
source "$(dirname "$0")/fallback-loaders.sh"
debian_kernel
build_stage1
machine_new
mkdir -p "$M/boot-of-the-guest"
# The guest's root is a disk of its own and the same for all rows; /boot is the first disk.
sed -i -e '/^if \[ -d \/sys\/firmware/c\modprobe -a vfat nls_cp437 nls_ascii nls_iso8859-1 efivarfs btrfs; [ ! -e /sys/firmware/efi ] || mount -t efivarfs none /sys/firmware/efi/efivars; mount -t $(cat /etc/boot-type) $(cat /etc/boot-device) /boot; [ ! -e /etc/esp-device ] || mount -t vfat $(cat /etc/esp-device) /boot/efi' \
  -e 's/^umount .boot/umount \/boot\/efi; umount \/boot/' \
  -e '/^kernix boot confirm/i case $(cat /proc/cmdline) in *fallback.arm=*) . /arm; poweroff -f ;; esac' -e 's/^reboot -f/poweroff -f/' "$M/sbin/init"
for name in nixos-rebuild nix-env extlinux; do ln -s kernix "$M/usr/local/bin/$name"; done
# What writes the entries where it must be done on the machine itself: the generation before N becomes what is tried.
cat >"$M/arm" <<'END'
sed 's/^/MOUNT /' /proc/mounts | grep ' /boot '
n=$(sed 's/.*fallback.arm=\([a-z0-9]*\).*/\1/' /proc/cmdline)
if [ "$n" = install ]; then
  rm /usr/local/bin/extlinux
  /extlinux --install /boot/extlinux
  nix-env -p /nix/var/nix/profiles/system --switch-generation 2
  nixos-rebuild boot --rollback --permanent
  kernix boot confirm --booted "$(readlink /nix/var/nix/profiles/system-1-link)"
else
  nix-env -p /nix/var/nix/profiles/system --switch-generation "${n%variant}"
  nixos-rebuild boot --rollback
  case $n in *variant) /extlinux --once="kernix-$((${n%variant} - 1))-a_20variant" /boot/extlinux ;; esac # as a person would choose it
fi
echo "ARMED $?"
kernix boot status
umount /boot/efi
umount /boot
sync
mount -o remount,ro /
END

# FAILURE: the configuration, and what the console says when it happens.
failures=(panic oops stage1 stage1-kernel watchdog root stage2 power variant cut sees)
declare -A config=(
  [panic]='boot.kernelParams = [ "rdinit=/nonexistent" ];'
  [oops]='boot.kernelParams = [ "oops=panic" ]; boot.postBootCommands = "insmod /oops.ko; sleep 1000";'
  [stage1]='boot.kernelParams = [ "root=LABEL=none" "rootwait" ]; boot.kernix.stage1Limit = 8;'
  [stage1-kernel]='boot.kernix.watchdog = { enable = true; timeout = 8; }; boot.initrd.kernelModules = [ "ifb" ];'
  [watchdog]='boot.kernix.watchdog = { enable = true; timeout = 8; software = false; modules = [ "i6300esb" ]; }; boot.initrd.kernelModules = [ "ifb" ];'
  [root]='boot.kernelParams = [ "root=LABEL=none" "rootdelay=2" ];'
  [stage2]='boot.kernix.trialLimit = 20; boot.postBootCommands = "echo HANGS; sleep 1000";'
  [power]='boot.postBootCommands = "echo POWER; sleep 1000";'
  [variant]='specialisation."a variant".configuration.boot.kernelParams = [ "variant=yes" ];'
  [cut]='boot.kernelParams = [ "panic=1" "rdinit=/nonexistent" ];'
  [sees]='boot.kernelParams = [ "sees" ];'
)
declare -A seen=(
  [panic]='Kernel panic'
  [oops]='(Oops|invalid opcode).*|Kernel panic - not syncing: Fatal exception'
  [stage1]='stage 1 did not come to its end in 8 seconds: the machine restarts'
  [stage1-kernel]='softdog: Initiating system reboot'
  [watchdog]='kernix watchdog' # the title; the device says nothing
  [root]='stage 1 cannot start the system: LABEL=none \(for /\) did not appear in 2 seconds'
  [stage2]='this trial was not confirmed \(kernix boot confirm\) in 20 seconds: the machine restarts'
  [power]='^POWER'
)
rows=()
for loader in "${loaders[@]}"; do for failure in "${failures[@]}"; do
  for wanted in "${@:-:}"; do
    case "$loader:$failure" in "$wanted" | "$wanted"* | *"$wanted") rows+=("$loader:$failure"); break ;; esac
  done
done; done
needed() { case " ${rows[*]} " in *":$1 "*) return 0 ;; esac; return 1; }

# --- one generation for each failure; the first is the good one ---

# A module whose first instructions are replaced: broken_module OUT HEX, of the kernel that is booted.
broken_module() {
  local from
  from=$(find "$M"/nix/store/*-linux-*/lib/modules -path '*drivers/net/ifb.ko*' | head -n 1)
  case $from in *.xz) xz -dc "$from" >"$1" ;; *.zst) zstd -qdc "$from" >"$1" ;; *) cp "$from" "$1" ;; esac
  python3 "$KERNIX_SRC/tests/boot/break-module.py" "$1" "$2"
}
# The initrd of what is tried gets a module that never comes back from its initialisation.
hang_in_module() {
  local initrd name
  initrd=$(sed -n "/kernix-entry kernix-${generation[$failure]}\$/,/-initrd/s/.*\(kernix\/[a-z0-9]*-initrd\).*/\1/p" "$M"/boot/kernix/grub.cfg "$M"/boot/loader/entries/kernix-* "$M"/boot/extlinux/extlinux.conf 2>/dev/null | head -n 1)
  name=$(zstd -qdc "$M/boot/$initrd" | cpio -t --quiet | grep 'drivers/net/ifb.ko' | head -n 1)
  [ -n "$name" ] || return 1
  rm -rf "$W/over" && mkdir -p "$W/over/$(dirname "$name")"
  broken_module "$W/over/$name" ebfe
  truncate -s %4 "$M/boot/$initrd"
  (cd "$W/over" && find . | cpio -o -H newc --quiet) >>"$M/boot/$initrd"
}
number=1
declare -A generation=()
generations() {
  local failure
  mkdir -p "$M/boot/grub"
  printf 'custom.cfg' >"$M/boot/grub/grub.cfg"
  for failure in good "${failures[@]}" last; do
    [ "$failure" = good ] || [ "$failure" = last ] || needed "$failure" || continue
    configuration "${config[$failure]-} system.nixos.label = \"$failure\";"
    provide && rebuild boot --permanent >"$W/rebuild.log" 2>&1 || { cat "$W/rebuild.log"; exit 1; }
    generation[$failure]=$number
    number=$((number + 1))
  done
  rm -rf "$M/boot/grub" "$M/boot/kernix"
  if needed oops; then broken_module "$M/oops.ko" 0f0b; fi
}
generations
good=$(readlink "$M/nix/var/nix/profiles/system-1-link")
root_image() { # everything but /boot
  mv "$M/boot" "$W/boot" && mkdir "$M/boot"
  machine_image 0
  rmdir "$M/boot" && mv "$W/boot" "$M/boot"
  mv "$W/disk.img" "$W/root.img"
}
kboot() { "$KERNIX_BUILD/kernix" boot "$@" --root "$M"; }
# The generation before N becomes what is tried.
try_before() {
  "$bin/nix-env" -p "$M/nix/var/nix/profiles/system" --switch-generation "$1" --store "local?root=$M" >/dev/null 2>&1
  "$bin/nixos-rebuild" boot --rollback --root "$M"
}

hangs_in_module() { case $failure in stage1-kernel | watchdog) return 0 ;; *) return 1 ;; esac; }
# The entries of a row and the disk with them, made from outside.
entries_outside() {
  rm -rf "$M/boot" && cp -a "$W/boot.$loader" "$M/boot"
  try_before 2 && kboot confirm --booted "$good" && try_before $((generation[$failure] + 1)) || return 1
  ! hangs_in_module || hang_in_module
  if [ "$failure" = variant ]; then # chosen by a person
    case $loader in
      grub*) sed -i "/^if .*config_directory/i set default=kernix-${generation[variant]}-a_20variant\nset boot_once=true" "$M/boot/grub/grub.cfg" ;;
      *) echo "default kernix-${generation[variant]}-a_20variant*" >>"$M/boot/loader/loader.conf" ;;
    esac
  fi
  "image_$loader" "$M/boot" 40
}
# GRUB reads file systems without their journal. In the first partition of first.img it must find a whole menu, its note of what starts, the
# entries that this names, and their kernels and initrds. Says what is not so.
grub_sees() {
  local id file
  sees() { grub-fstest "$W/first.img" cat "(loop0,msdos1)$1" 2>/dev/null; }
  sees /grub/custom.cfg | grep -q 'BEGIN kernix' || echo "custom.cfg is not there"
  sees /kernix/grub.cfg | sed '/^submenu/,$d' >"$W/top"
  sees /kernix/grub.cfg | tail -n 1 | grep -q '^}' || echo "the menu is not whole"
  sees /kernix/grubenv >"$W/env"
  test "$(stat -c %s "$W/env")" = 1024 || echo "the note is not whole"
  for id in $(sed -n 's/^kernix_\(default\|try\)=//p' "$W/env"); do
    grep -q -- "--id '$id'" "$W/top" || echo "there is no entry $id"
  done
  grep -q '^kernix_default=kernix-1$' "$W/env" || echo "kernix-1 is not the default"
  for file in $(grep -oE '[0-9a-z]{32}-(kernel|initrd)' "$W/top" | sort -u); do
    sees "/kernix/$file" >"$W/named"
    case $("$bin/nix-hash" --type sha256 --flat --base32 "$W/named") in "${file%-*}"*) ;; *) echo "$file is not whole" ;; esac
  done
}
sees_row() {
  local log=$W/writes n total seed bad=0 replay=$KERNIX_BUILD/tests/faults/replay-log
  [ "$loader" = grub-bios ] || return 0
  rm -f "$log" && truncate -s 2G "$log"
  entries_inside "$log" >"$W/entries.log" 2>&1 || { cat "$W/entries.log"; ok "$row: the entries" false; return; }
  read -r total _ <<<"$("$replay" "$log")"
  for n in $(seq "$total"); do # at every second one a part of what no flush has made safe is left out
    seed=$((n % 2 * 7))
    cp --sparse=always "$W/base.$loader" "$W/first.img"
    "$replay" "$log" "$n" "$seed" "$W/first.img"
    grub_sees >"$W/why"
    [ ! -s "$W/why" ] || { bad=$((bad + 1)); echo "after $n of $total writes ($seed): $(tr '\n' ';' <"$W/why")"; }
  done
  ok "$row: after each of $total writes GRUB finds all that it needs" test "$bad" = 0 -a "$total" -gt 20
}
# The moments of the row cut. What was written after the last flush is left out in part at every second one.
cut_row() {
  local log=$W/writes n total point bad=0 points=${POINTS:-20} replay=$KERNIX_BUILD/tests/faults/replay-log
  rm -f "$log" && truncate -s 2G "$log"
  entries_inside "$log" >"$W/entries.log" 2>&1 || { cat "$W/entries.log"; ok "$row: the entries" false; return; }
  read -r total _ <<<"$("$replay" "$log")"
  cp --sparse=always "$W/overlay.qcow2" "$W/overlay.after"
  for point in $(seq "$points"); do
    n=$((total * point / points))
    cp --sparse=always "$W/base.$loader" "$W/first.img"
    cp --sparse=always "$W/overlay.after" "$W/overlay.qcow2"
    "$replay" "$log" "$n" $((point % 2 * (point + 1))) "$W/first.img"
    start_row cut
    says "$W/log" "^CMDLINE .*init=$good/init" && says "$W/log" '^END' || { bad=$((bad + 1)); echo "power cut after $n of $total writes:"; tail -n 30 "$W/log"; }
  done
  ok "$row: $points moments of $total writes, the machine comes up with the last good generation" test "$bad" = 0 -a "$total" -gt 20
}


for loader in "${loaders[@]}"; do
  case " ${rows[*]} " in *" $loader:"*) ;; *) continue ;; esac
  "prepare_$loader" || { echo "skipped: $loader cannot be had here"; continue; }
  root_image
  for row in "${rows[@]}"; do
    [ "${row%:*}" = "$loader" ] || continue
    failure=${row#*:}
    case $failure in cut | sees) "${failure}_row"; continue ;; esac
    qemu-img create -q -f qcow2 -b root.img -F raw "$W/overlay.qcow2"
    "entries_$loader" >"$W/entries.log" 2>&1 || { cat "$W/entries.log"; ok "$row: the entries" false; continue; }
    start_row "$failure"
    if [ "$failure" = variant ]; then ran "$row" '^CMDLINE .*variant=yes' '^END'; continue; fi
    ran "$row" "${seen[$failure]}" "^CMDLINE .*init=$good/init" "^CONFIRM .*kernix-${generation[$failure]} was started and did not come up; the default is kernix-1" '^END'
  done
done
finish
