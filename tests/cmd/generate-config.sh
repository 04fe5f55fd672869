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
  'hardware.cpu.intel.updateMicrocode' 'boot.resumeDevice = "UUID=swap-uuid";' 'fileSystems."/srv/bind" = {' 'device = "/srv/here";' 'options = [ "bind" ];' '# Swap in compressed memory' \
  '# Graphics: boot.initrd.kernelModules = [ "i915" ];'; do says laptop "$word"; done
for word in '  boot.initrd.kernelModules = [ "i915' /srv/other /media /proc swraid /dev/zram; do says_not laptop "$word"; done
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

# A cloud's guests.
machine virtio
maker QEMU 'Standard PC (Q35 + ICH9, 2009)'
device pci0000:00/0000:00:03.0 pci pci:v00001AF4d00001042sv00001AF4sd00001100bc01sc80i00 virtio_pci virtio-pci
device pci0000:00/0000:00:03.0/virtio1 virtio virtio:d00000002v00001AF4 virtio_blk
partition 253:1 pci0000:00/0000:00:03.0/virtio1/block/vda/vda1 root-uuid
partition 253:15 pci0000:00/0000:00:03.0/virtio1/block/vda/vda15 ESP-1
mkdir -p "$M/sys/firmware/efi" "$M/boot/efi/EFI/debian" "$M/boot/grub"
touch "$M/boot/grub/grub.cfg"
echo 'hypervisor lm fpu' | sed 's/^/flags : /' >>"$M/proc/cpuinfo"
mounted 253:1 / / ext4 /dev/vda1
mounted 253:15 / /boot/efi vfat /dev/vda15 rw,fmask=0077,dmask=0077,codepage=437
show virtio
for word in '"virtio_blk" "virtio_pci"' 'boot.loader.grub.device = lib.mkDefault "nodev";' 'boot.loader.grub.efiSupport' 'efiSysMountPoint = "/boot/efi"' 'options = [ "dmask=0077" "fmask=0077" ];' 'hostPlatform = lib.mkDefault "x86_64-linux"'; do says virtio "$word"; done
for word in updateMicrocode 9p; do says_not virtio "$word"; done
evaluates virtio

machine xen
mkdir -p "$M/sys/hypervisor"
echo xen >"$M/sys/hypervisor/type"
device vbd-51712 xen xen:vbd xen_blkfront vbd
partition 202:1 vbd-51712/block/xvda/xvda1 xen-uuid
mounted 202:1 / / ext4 /dev/xvda1
show xen
says xen '"xen_blkfront"'
evaluates xen

machine hyperv
maker 'Microsoft Corporation' 'Virtual Machine'
device LNXSYSTM:00/VMBUS:00/guid1 vmbus vmbus:d96361baa104294db60572e2ffb1dc7f hv_storvsc
device LNXSYSTM:00/VMBUS:00/guid2 vmbus vmbus:6dad12f9172bea48bd65f927a61c7684 hyperv_keyboard
partition 8:1 LNXSYSTM:00/VMBUS:00/guid1/host0/block/sda/sda1 hyperv-uuid
mounted 8:1 / / ext4 /dev/sda1
show hyperv
for word in '"hv_storvsc" "hyperv_keyboard"' 'virtualisation.hypervGuest.enable = true;'; do says hyperv "$word"; done
evaluates hyperv

# A board: a device tree, disks of which only the compatible is known, what a disk is supplied by, and LUKS without firmware that draws.
machine board
printf 'processor\t: 0\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU part\t: 0xd08\n' >"$M/proc/cpuinfo"
mkdir -p "$M/sys/firmware/devicetree/base" "$M/boot/extlinux" "$M/sys/devices/platform/emmc" "$M/sys/devices/platform/phy" "$M/sys/devices/virtual/devlink/link"
printf 'Acme Board 4\0' >"$M/sys/firmware/devicetree/base/model"
touch "$M/boot/extlinux/extlinux.conf"
device platform/emmc platform 'of:Nmmc@fe340000T(null)Cbrcm,bcm2711-emmc2' sdhci_iproc sdhci-iproc
device platform/emmc/mmc0/mmc0:0001 mmc mmc:block mmc_block mmcblk
device platform/phy platform 'of:NphyT(null)Cacme,phy' phy_acme
ln -s "$M/sys/devices/virtual/devlink/link" "$M/sys/devices/platform/emmc/supplier:platform:phy"
ln -s "$M/sys/devices/platform/phy" "$M/sys/devices/virtual/devlink/link/supplier"
device platform/usb platform 'of:NusbT(null)Cgeneric-xhci'
device platform/gpu platform 'of:NgpuT(null)Cbrcm,bcm2711-vc5' vc4 vc4-drm
mkdir -p "$M/sys/devices/platform/gpu/drm"
partition 179:2 platform/emmc/mmc0/mmc0:0001/block/mmcblk0/mmcblk0p2 board-uuid
mounted 179:2 / / f2fs /dev/mmcblk0p2
show board
for word in '"mmc_block" "phy_acme" "sdhci_iproc"' '"xhci_plat_hcd"' 'hostPlatform = lib.mkDefault "aarch64-linux"' 'generic-extlinux-compatible.enable' 'fsType = "f2fs"' '# Graphics: boot.initrd.kernelModules = [ "vc4" ];'; do says board "$word"; done
says_not board updateMicrocode
evaluates board
block 254:0 virtual/block/dm-0 crypt-uuid platform/emmc/mmc0/mmc0:0001/block/mmcblk0/mmcblk0p2
mapped virtual/block/dm-0 crypt CRYPT-LUKS2-1-crypt
sed -i '/f2fs/d' "$M/proc/self/mountinfo"
mounted 254:0 / / ext4 /dev/mapper/crypt
show board
says board '"xhci_plat_hcd" "vc4"'

# BIOS and GRUB: the disk by what it says of itself; devices without a driver by modules.alias; ZFS, NFS, a subvolume and a folder of it.
machine bios
device pci0000:00/0000:00:1f.2 pci pci:v00008086d00001C02sv00000000sd00000000bc01sc06i01 ahci
partition 8:1 pci0000:00/0000:00:1f.2/ata1/block/sda/sda1 boot-uuid
partition 8:2 pci0000:00/0000:00:1f.2/ata1/block/sda/sda2 pool
ln -s ../../sda "$M/dev/disk/by-id/ata-ACME_SSD_1TB"
ln -s ../../sda "$M/dev/disk/by-id/wwn-0x5000"
ln -s ../../sda1 "$M/dev/disk/by-id/ata-ACME_SSD_1TB-part1"
device pci0000:00/0000:00:1c.0 pci pci:v00001000d00000097sv00000000sd00000000bc01sc07i00
mkdir -p "$M/lib/modules/6.1.0" "$M/boot/grub" "$M/etc"
printf '# made by depmod\nalias pci:v00001000d00000097sv*sd*bc*sc*i* mpt3sas\n' >"$M/lib/modules/6.1.0/modules.alias"
touch "$M/boot/grub/grub.cfg"
printf '\357\276\255\336' >"$M/etc/hostid"
mounted 0:40 / / zfs rpool/root rw,xattr
mounted 8:1 / /boot ext4 /dev/sda1
mounted 0:41 /@data /data btrfs /dev/sda2 rw,subvolid=256,subvol=/@data
mounted 0:41 /@data/a\\040b /srv/ab btrfs /dev/sda2 rw,subvolid=256,subvol=/@data
mounted 0:42 / /home nfs4 server:/home rw,vers=4.2,addr=10.0.0.1
mounted 8:1 /grub/fonts /etc/hostid ext4 /dev/sda1
show bios
for word in 'boot.loader.grub.device = lib.mkDefault "/dev/disk/by-id/ata-ACME_SSD_1TB";' '"ahci" "mpt3sas"' 'device = "rpool/root";' 'networking.hostId = "deadbeef";' \
  'options = [ "subvol=@data" ];' 'fileSystems."/srv/ab" = {' 'device = "/data/a b";' 'device = "server:/home";'; do says bios "$word"; done
for word in efi hostid\" addr=; do says_not bios "$word"; done
evaluates bios

# Root on NFS: the network card; swap in a file, from which the kernel resumes; a loop device; tmpfs below.
machine thin
device pci0000:00/0000:00:19.0 pci pci:v00008086d0000153Asv00000000sd00000000bc02sc00i00 e1000e
mkdir -p "$M/sys/devices/pci0000:00/0000:00:19.0/net/eth0" "$M/sys/power"
mounted 0:30 / / nfs server:/export/root rw
block 7:0 virtual/block/loop0
mkdir -p "$M/sys/devices/virtual/block/loop0/loop"
echo /srv/image.squashfs >"$M/sys/devices/virtual/block/loop0/loop/backing_file"
mounted 7:0 / /srv/image squashfs /dev/loop0
partition 8:1 pci0000:00/0000:00:17.0/block/sda/sda1 swap-uuid
echo 8:1 >"$M/sys/power/resume"
echo 34816 >"$M/sys/power/resume_offset"
printf '/swapfile file 1 0 -2\n/dev/sda1 partition 1 0 -2\n' >>"$M/proc/swaps"
show thin
for word in '"e1000e"' 'device = "/srv/image.squashfs";' 'options = [ "loop" ];' 'boot.resumeDevice = "/dev/disk/by-uuid/swap-uuid";' 'boot.kernelParams = [ "resume_offset=34816" ];' '{ device = "/swapfile"; }'; do says thin "$word"; done
evaluates thin

machine memory
mounted 0:50 / / tmpfs none rw,size=2097152k,mode=755
partition 8:1 pci0000:00/0000:00:17.0/block/sda/sda1 nix-uuid
mounted 8:1 / /nix ext4 /dev/sda1
show memory
for word in 'fsType = "tmpfs";' 'options = [ "mode=755" "size=2097152k" ];' 'fileSystems."/nix"'; do says memory "$word"; done
evaluates memory

machine container
mkdir -p "$M/run/systemd"
echo systemd-nspawn >"$M/run/systemd/container"
echo '50 1 0:99 / / rw - overlay overlay rw,lowerdir=/a,upperdir=/b' >>"$M/proc/self/mountinfo"
show container
says container 'boot.isContainer = true;'
for word in fileSystems KernelModules loader; do says_not container "$word"; done
check "container evaluates" "$bin/nix-instantiate" '<nixpkgs/nixos>' -A system --arg configuration "$work/container.nix"

# With a flake, which real names and pure evaluation find.
check "--flake" "$generate" --flake --from "$work/virtio" --dir "$work/flake"
flake_platform() { cd "$work/flake" && "$bin/nix" eval --raw ".#nixosConfigurations.\"$(uname -n | sed 's/\..*//')\".config.nixpkgs.hostPlatform.system" | grep -x x86_64-linux; }
check "--flake evaluates" flake_platform
check "firmware is named" sh -c "echo '6,1,1,-;virtio_pci 0000:00:03.0: Direct firmware load for acme/fw.bin failed with error -2' >'$work/virtio/dev/kmsg'; '$generate' --show-hardware-config --from '$work/virtio' | grep -F 'acme/fw.bin'"
check "firmware: the file evaluates still" sh -c "'$generate' --show-hardware-config --from '$work/virtio' >'$work/virtio.nix'"
evaluates virtio

# nixos-rebuild names the command, once and without a question, where a configuration says nothing of disks.
mkdir "$work/offer"
echo '{ pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackages_debian_bin; }' >"$work/offer/configuration.nix"
offers() { timeout 60 "$bin/nixos-rebuild" "$1" --dry-run -I nixos-config="$work/offer/configuration.nix" </dev/null 2>&1 | grep -c 'nixos-generate-config --dir'; }
check "nixos-rebuild offers it in one line" [ "$(offers boot)" = 1 ]
check "not for a virtual machine" [ "$(offers build-vm)" = 0 ]
touch "$work/offer/hardware-configuration.nix"
check "nor where the file is" [ "$(offers boot)" = 0 ]
rm "$work/offer/hardware-configuration.nix"
echo '{ pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackages_debian_bin; fileSystems."/" = { device = "/dev/sda1"; fsType = "ext4"; }; }' >"$work/offer/configuration.nix"
check "nor where disks are named" [ "$(offers boot)" = 0 ]

# Real Nix reads all that was written, too.
if [ -x /usr/bin/nix-instantiate ]; then
  for file in laptop server virtio xen hyperv board bios thin memory container evil odd; do check "$file: real Nix parses it" /usr/bin/nix-instantiate --parse "$work/$file.nix"; done
  real() { /usr/bin/nix-instantiate --readonly-mode '<nixpkgs/nixos>' -A system --arg configuration "{ pkgs, ... }: { imports = [ $work/$1.nix ]; boot.kernelPackages = pkgs.linuxPackages_debian_bin; }"; }
  for name in virtio bios; do check "$name: real Nix evaluates it" real $name; done
fi

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
