#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# nixos-generate-config on machines that are folders of files as a kernel has them: what it writes evaluates, and the initrd of that
# has what root lies on. And on the machine that the test runs on.
set -u
cd "$KERNIX_SRC" || exit 1
. tests/cmd/lib.sh
. tests/cmd/machine-lib.sh
export NIX_REMOTE="local?root=$work/store" HOME=$work NIX_PATH=nixpkgs=$PWD/nixpkgs NIX_CONF_DIR=$work
mkdir -p "$work/store"
generate=$bin/nixos-generate-config

says() { check "$1: $2" grep -qF -- "$2" "$work/$1.nix"; }
says_not() { check "$1: not $2" sh -c '! grep -qF -- "$1" "$2"' - "$2" "$work/$1.nix"; }
# The file evaluates to a system, and its initrd has these words in its table of storage.
evaluates() { # NAME [WORD...]
  local name=$1 word
  shift
  "$bin/nix-instantiate" --eval --strict --json -E "
    let system = import <nixpkgs/nixos> { configuration = { pkgs, ... }: { imports = [ $work/$name.nix ]; boot.kernelPackages = pkgs.linuxPackages_debian_bin; }; };
    in { drv = system.system.drvPath; files = builtins.attrNames system.config.boot.initrd.extraFiles; inherit (system.config.boot.initrd) availableKernelModules;
         luks = map (d: d.device) (builtins.attrValues system.config.boot.initrd.luks.devices); root = system.config.fileSystems.\"/\".device; }" >"$work/eval" 2>"$work/err" &&
    ok "$name evaluates" || bad "$name evaluates" "$work/err"
  for word; do check "$name: initrd has $word" grep -qF -- "$word" "$work/eval"; done
}
show() { # NAME [OPTION...]
  local name=$1
  shift
  "$generate" --show-hardware-config --from "$work/$name" "$@" >"$work/$name.nix" 2>"$work/$name.err" && ok "$name is written" || bad "$name is written" "$work/$name.err"
}

# A laptop: root and swap are volumes on an encrypted partition of an NVMe disk.
machine laptop
pci 0000:00:1d.0 0x010802 nvme
pci 0000:00:14.0 0x0c0330 xhci_pci
pci 0000:00:02.0 0x030000 i915
p=pci0000:00/0000:00:1d.0/nvme/nvme0/nvme0n1
block 259:0 $p
block 259:1 $p/nvme0n1p1 AB12-34CD
block 259:3 $p/nvme0n1p3 luks-uuid
block 254:0 virtual/block/dm-0 "" $p/nvme0n1p3
mapped virtual/block/dm-0 luks-root CRYPT-LUKS2-00112233445566778899-luks-root
block 254:1 virtual/block/dm-1 root-uuid virtual/block/dm-0
mapped virtual/block/dm-1 vg-root LVM-abcdef
block 254:2 virtual/block/dm-2 swap-uuid virtual/block/dm-0
mapped virtual/block/dm-2 vg-swap LVM-abcdeg
mounted 254:1 / / ext4 /dev/mapper/vg-root
mounted 259:1 / /boot/efi vfat /dev/nvme0n1p1
mounted 254:1 /srv/here /srv/bind ext4 /dev/mapper/vg-root
mounted 259:1 / /media/stick vfat /dev/nvme0n1p1
printf '/dev/dm-2                               partition\t8388604\t0\t-2\n/dev/zram0 partition 1 0 100\n/swap\\040file file 1 0 -3\n' >>"$M/proc/swaps"
echo 'BOOT_IMAGE=/vmlinuz resume=UUID=swap-uuid quiet' >"$M/proc/cmdline"
show laptop
for word in 'boot.initrd.luks.devices."luks-root".device = "/dev/disk/by-uuid/luks-uuid";' 'boot.initrd.services.lvm.enable = true;' 'device = "/dev/disk/by-uuid/root-uuid";' \
  'fileSystems."/boot/efi"' '"nvme" "xhci_pci"' 'boot.kernelModules = [ "kvm-intel" ];' 'swapDevices = [ { device = "/dev/disk/by-uuid/swap-uuid"; } { device = "/swap file"; } ];' \
  'hardware.cpu.intel.updateMicrocode' 'boot.resumeDevice = "UUID=swap-uuid";'; do says laptop "$word"; done
for word in i915 /media /proc swraid zram; do says_not laptop "$word"; done
evaluates laptop /etc/stage1/storage /etc/lvm/lvm.conf '/dev/disk/by-uuid/luks-uuid' dm_crypt '"root":"/dev/disk/by-uuid/root-uuid"'

# A server: an array of two SATA disks, btrfs of two further ones with subvolumes.
machine server
pci 0000:00:17.0 0x010601 ahci
for i in a b c d; do
  block "8:$(($(printf %d "'$i") * 16))" "pci0000:00/0000:00:17.0/ata$i/sd$i"
done
block 9:127 virtual/block/md127 md-uuid pci0000:00/0000:00:17.0/ataa/sda pci0000:00/0000:00:17.0/atab/sdb
mkdir -p "$M/sys/devices/virtual/block/md127/md" "$M/sys/fs/btrfs/pool/devices"
ln -s ../../sdc "$M/dev/disk/by-uuid/pool"
for i in c d; do ln -s "$M/sys/devices/pci0000:00/0000:00:17.0/ata$i/sd$i" "$M/sys/fs/btrfs/pool/devices/sd$i"; done
mounted 9:127 / / xfs /dev/md127
mounted 8:1584 /@data /data btrfs /dev/sdc rw,space_cache=v2,compress=zstd:3,subvolid=256,subvol=/@data
mounted 0:77 / /home nfs4 server:/home rw,vers=4.2
sed -i 's/GenuineIntel/AuthenticAMD/; s/ vmx/ svm/' "$M/proc/cpuinfo"
show server
for word in 'boot.swraid.enable = true;' 'device = "/dev/disk/by-uuid/md-uuid";' 'fsType = "xfs";' 'options = [ "compress=zstd:3" "subvol=@data" ];' '"ahci"' 'kvm-amd' 'device = "server:/home";'; do says server "$word"; done
says_not server lvm
evaluates server /etc/stage1/storage /etc/mdadm/mdadm.conf md_mod

# A system that is being installed, and files that are written.
machine install
pci 0000:00:05.0 0x010000 virtio_pci
block 253:1 pci0000:00/0000:00:05.0/virtio1/block/vda/vda1 installed
mounted 253:1 / /mnt/new ext4 /dev/vda1
show install --root /mnt/new
says install 'fileSystems."/" = {'
expect_fail "nothing is mounted on root" 'no disk is mounted on /|--no-filesystems' "$generate" --show-hardware-config --from "$work/install"
show install --no-filesystems
says_not install fileSystems
evaluate_files() { "$bin/nix-instantiate" '<nixpkgs/nixos>' -A system -I nixos-config="$work/etc/configuration.nix"; }
check "files are written" "$generate" --from "$work/laptop" --dir "$work/etc"
check "they evaluate" evaluate_files
echo '{ mine = 1; }' >"$work/etc/configuration.nix"
echo old >"$work/etc/hardware-configuration.nix"
check "once more" "$generate" --from "$work/laptop" --dir "$work/etc"
check "a configuration that is there stays" grep -q mine "$work/etc/configuration.nix"
check "the hardware is written anew" grep -q luks-root "$work/etc/hardware-configuration.nix"
check "unless forced" "$generate" --from "$work/laptop" --dir "$work/etc" --force
check "then it is replaced" grep -q hardware-configuration.nix "$work/etc/configuration.nix"

# A mapping that stage 1 cannot make is said; so is nonsense.
machine odd
block 254:0 virtual/block/dm-0 odd-uuid
mapped virtual/block/dm-0 mpatha mpath-3600
mounted 254:0 / / ext4 /dev/mapper/mpatha
show odd
check "odd: said" grep -q 'does not put together' "$work/odd.err"
says odd '# dm-0 is a mapped device (mpath-3600)'
printf 'x\n1 2\n- - - -\n1 1 a:b / / - \n%s\n' "$(head -c 9000 /dev/zero | tr '\0' a)" >"$M/proc/self/mountinfo"
expect_fail "nonsense" 'no disk is mounted' "$generate" --show-hardware-config --from "$work/odd"
expect_fail "an unknown word" "unexpected word" "$generate" here

# Other people's folders: links lead nowhere else, text is text, and nothing is waited for.
machine evil
block 254:0 virtual/block/dm-0 evil-uuid
mapped virtual/block/dm-0 x $'MP\r}//(throw "injected")//{#'
mounted 254:0 / / ext4 /dev/mapper/x
printf '  \t \n' >>"$M/proc/swaps"
show evil
check "a comment stays one" "$bin/nix-instantiate" --eval --strict -E "builtins.attrNames (import $work/evil.nix { config = { }; lib = import ./nixpkgs/lib; pkgs = { }; modulesPath = ./.; })"
mkdir -p "$work/theirs" "$work/elsewhere"
ln -s "$work/elsewhere" "$work/theirs/etc"
echo "30 1 254:0 / $work/theirs rw - ext4 /dev/mapper/x rw" >>"$M/proc/self/mountinfo"
check "--root" "$generate" --from "$M" --root "$work/theirs"
check "nothing is written through its links" [ -z "$(ls "$work/elsewhere")" ]
rm "$M/proc/swaps" && mkfifo "$M/proc/swaps"
check "a FIFO is not waited for" timeout 20 "$generate" --show-hardware-config --from "$M"
expect_fail "--flake" "not built" "$generate" --flake

# A driver that is built into the kernel that runs.
machine built-in
mkdir -p "$M/sys/devices/pci0000:00/0000:00:03.0" "$M/sys/drivers/virtio-pci"
echo 0x010000 >"$M/sys/devices/pci0000:00/0000:00:03.0/class"
ln -s "$M/sys/drivers/virtio-pci" "$M/sys/devices/pci0000:00/0000:00:03.0/driver"
ln -s "$M/sys/devices/pci0000:00/0000:00:03.0" "$M/sys/bus/pci/devices/0000:00:03.0"
block 253:1 pci0000:00/0000:00:03.0/virtio1/block/vda/vda1 built-in-uuid
mounted 253:1 / / ext4 /dev/vda1
show built-in
says built-in 'boot.initrd.optionalKernelModules = [ "virtio_pci" ];'
evaluates built-in

# This machine: whatever it is, what is written evaluates.
if "$generate" --show-hardware-config >"$work/here.nix" 2>"$work/here.err" || "$generate" --no-filesystems --show-hardware-config >"$work/here.nix"; then
  check "this machine's file parses" "$bin/nix-instantiate" --parse "$work/here.nix"
else bad "this machine" "$work/here.err"; fi
finish
