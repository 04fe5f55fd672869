#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# hardware.cpu.*.updateMicrocode: the early archive holds what Debian's own tools would load, laid out as the kernel wants it, in front of the initrd
# that still starts; microcode of a folder; what is no microcode is refused.
source "$(dirname "$0")/lib.sh"
bin=$KERNIX_BUILD/bin
export NIX_REMOTE="local?root=$W/store" NIX_PATH=nixpkgs=$KERNIX_SRC/nixpkgs HOME=$W
mkdir -p "$W/store"
trap 'chmod -R u+w "$W"; rm -rf "$W"' EXIT
build() { "$bin/nix-build" --no-out-link -E "with import <nixpkgs> { }; $1" 2>"$W/err" | sed "s|^|$W/store|" || cat "$W/err"; }
updates() { iucode_tool -l "$1" | sed -n 's/.*: \(sig .*\)/\1/p' | LC_ALL=C sort; } # those that would be chosen

# The archive's members as the kernel's find_cpio_data walks them: name, length, place of the content.
members() { # FILE
  local pos=0 fields name length size data
  while [ "$(tail -c +$((pos + 1)) "$1" | head -c 6 | tr -d '\0')" = 070701 ]; do
    fields=$(tail -c +$((pos + 7)) "$1" | head -c 104)
    size=$((16#${fields:48:8})) length=$((16#${fields:88:8}))
    name=$(tail -c +$((pos + 111)) "$1" | head -c "$length" | tr -d '\0')
    data=$(((pos + 110 + length + 3) / 4 * 4))
    echo "$name $size $data $length"
    pos=$(((data + size + 3) / 4 * 4))
  done
}
set +o pipefail
intel=$(build microcode-intel)/intel-ucode.img amd=$(build microcode-amd)/amd-ucode.img
debs=$(ls "$W"/store/nix/store/*intel-microcode*.deb "$W"/store/nix/store/*amd64-microcode*.deb)
mkdir "$W/debs" "$W/i" "$W/t" "$W/a"
for deb in $debs; do dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$W/debs"; done
(cd "$W/i" && cpio -id --quiet <"$intel") && (cd "$W/a" && cpio -id --quiet <"$amd")

if command -v iucode_tool >/dev/null; then
  iucode_tool -q --write-earlyfw="$W/early" --overwrite "$W/debs/usr/lib/firmware/intel-ucode"
  (cd "$W/t" && cpio -id --quiet <"$W/early")
  ok "intel: the updates that iucode_tool takes" [ "$(updates "$W/i/kernel/x86/microcode/GenuineIntel.bin")" = "$(updates "$W/t/kernel/x86/microcode/GenuineIntel.bin")" ]
  ok "intel: and no byte more" [ "$(stat -c %s "$W/i/kernel/x86/microcode/GenuineIntel.bin")" = "$(stat -c %s "$W/t/kernel/x86/microcode/GenuineIntel.bin")" ]
  ok "intel: also those for early loading only" says <(iucode_tool -l "$W/i/kernel/x86/microcode/GenuineIntel.bin") 'sig 0x000306a9'
fi
ok "amd: what Debian's hook gathers" cmp <(cd "$W/debs/usr/lib/firmware/amd-ucode" && find . -maxdepth 1 -type f -print0 | LC_ALL=C sort -z | xargs -0 cat) "$W/a/kernel/x86/microcode/AuthenticAMD.bin"
for file in "$intel" "$amd"; do
  members "$file" >"$W/members"
  read -r name size data length < <(grep '\.bin ' "$W/members")
  ok "$name begins at a multiple of 16" [ $((data % 16)) = 0 ]
  # MAX_CPIO_FILE_NAME of include/linux/earlycpio.h; more is warned of.
  ok "$name: the zeros after its name are few" [ $((length - ${#name})) -lt 18 ]
  ok "$name: the folders are there" [ "$(cut -d' ' -f 1 "$W/members" | tr '\n' ' ')" = "kernel kernel/x86 kernel/x86/microcode $name TRAILER!!! " ]
  ok "$name: another archive may follow" [ $(($(stat -c %s "$file") % 512)) = 0 ]
done

# Files of our own: revisions of one processor, two updates in one file, one that is cut off.
update() { # REVISION SIGNATURE PLATFORMS
  printf '%b' "$(printf '\\x%02x\\x00\\x00\\x00' 1 "$1" 1 "$2" 0 1 "$3" 0 0 0 0 0)"
  head -c 2000 /dev/zero | tr '\0' "\\$(printf %03o "$1")"
}
mkdir "$W/own" "$W/bad" "$W/none"
update 3 9 1 >"$W/own/06-00-09"
{ update 5 9 1; update 1 9 2; } >"$W/own/06-00-09.initramfs"
update 4 9 1 >"$W/own/old"
update 4 9 1 | head -c 1000 >"$W/bad/06-00-09"
own=$(build "microcodeFrom \"intel\" $W/own")/intel-ucode.img
mkdir "$W/o" && (cd "$W/o" && cpio -id --quiet <"$own")
ok "a folder: the newest of each" cmp <(update 5 9 1; update 1 9 2) "$W/o/kernel/x86/microcode/GenuineIntel.bin"
build "microcodeFrom \"intel\" $W/bad" >/dev/null
ok "a file that is cut off is refused" says "$W/err" "is no file of Intel's microcode"
build "microcodeFrom \"intel\" $W/none" >/dev/null
ok "an empty folder is refused" says "$W/err" 'there is no microcode in'

# In front of an initrd that starts, on processors of both kinds: the loader of a machine that is no guest looks at it.
debian_kernel
build_stage1
# Its init is the system's stage 2, which has the kernel look for firmware in the system, too (hardware.firmware).
root_tree "$W/root" 'dmesg | grep -i microcode; echo "firmware: $(cat /sys/module/firmware_class/parameters/path)"; cat /proc/mounts; umount /tmp; ls /tmp; echo "end of stage 2"'
mv "$W/root/sbin/init" "$W/root/sbin/final"
commands=$("$bin/nix-instantiate" --eval --json -E '(import <nixpkgs/nixos> { configuration = { boot = { runSize = "24m"; devShmSize = "12m"; devSize = "3m"; tmp = { cleanOnBoot = true; useTmpfs = true; tmpfsSize = "7m"; }; };
  fileSystems."/" = { device = "/dev/vda"; fsType = "ext4"; }; }; }).config.boot.postBootCommands' 2>/dev/null | jq -r .)
text=$(sed 's|@shell@|/bin/sh|; s|@command@|/sbin/final|g; s|@systemConfig@|/system|; s|@modulesTree@||g' "$KERNIX_SRC/nixpkgs/nixos/modules/boot/stage-2-init.sh")
printf '%s\n' "${text/@postBootCommands@/"$commands"}" >"$W/root/sbin/init"
mkdir -p "$W/root/tmp" && mkdir "$W/root/tmp/left-over" && : >"$W/root/tmp/left-over/file"
chmod +x "$W/root/sbin/init"
mkdir -p "$W/root/system/etc" "$W/root/blobs/lib/firmware" && ln -s /blobs/lib/firmware "$W/root/system/firmware"
for applet in mkdir ln readlink find umount rm rmdir; do ln -sf busybox "$W/root/bin/$applet"; done
mke2fs -q -t ext4 -d "$W/root" "$W/root.img" 8M 2>/dev/null
made=$(initrd "$W/initrd" "\"prepend\":[\"$intel\",\"$amd\"],\"availableKernelModules\":[\"virtio_pci\",\"virtio_blk\"],\"fileSystems\":[{\"device\":\"/dev/vda\",\"mountPoint\":\"/\",\"fsType\":\"ext4\",\"options\":[\"rw\"]}]" 2>&1)
ok "it is in front of the initrd" cmp <(head -c "$(stat -c %s "$intel")" "$W/initrd") "$intel"
ok "the second follows" cmp <(tail -c +$(($(stat -c %s "$intel") + 1)) "$W/initrd" | head -c "$(stat -c %s "$amd")") "$amd"
boot "$W/log" 240 "$W/initrd" 'quiet' -cpu Haswell,-hypervisor $(disk "$W/root.img")
ok "an Intel machine starts with it" says "$W/log" '^end of stage 2'
says "$W/log" "^end of stage 2" || tail -n 12 "$W/log"
# Debian's kernel for clouds is made for guests and looks for none.
if grep -q '^CONFIG_MICROCODE=y' "$CONFIG"; then
  ok "its kernel has looked for microcode" says "$W/log" 'microcode: .*(sig=|[Rr]evision)'
else
  ok "a kernel that loads none is told" says <(echo "$made") 'this kernel has no CONFIG_MICROCODE'
fi
ok "and complains of nothing" says_not "$W/log" 'exceeding MAX_CPIO|Initramfs unpacking failed|microcode.*(error|fail)'
ok "stage 2: firmware of the system is looked for" says "$W/log" '^firmware: /blobs/lib/firmware'
ok "stage 2: runSize" says "$W/log" '^tmpfs /run tmpfs .*size=24576k'
ok "stage 2: devShmSize" says "$W/log" '^tmpfs /dev/shm tmpfs .*size=12288k'
ok "stage 2: devSize" says "$W/log" ' /dev devtmpfs .*size=3072k'
ok "stage 2: tmpfsSize" says "$W/log" '^tmpfs /tmp tmpfs .*size=7168k'
ok "stage 2: cleanOnBoot" says_not "$W/log" 'left-over'
finish
