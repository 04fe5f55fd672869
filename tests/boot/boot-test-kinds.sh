#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Boot tests of the kinds of root that configurations declare: LUKS, LVM, RAID upon each other, btrfs with subvolumes, a root in memory.
# The initrd's files are those that the modules give. boot-test-kinds.sh [NAME...]: only these.
source "$(dirname "$0")/lib.sh"
W=$work
source "$KERNIX_SRC/tests/vm/kernel.sh"
debian_kernel
build_stage1
new_root grub
store=$work/store wanted=" $* "
mkdir -p "$store"

files_of() { # CONFIGURATION: a JSON list of { source, target }, and of module names
  NIX_PATH=nixpkgs=$KERNIX_SRC/nixpkgs NIX_REMOTE="local?root=$store" NIX_CONF_DIR=/nonexistent "$bin/nix-build" --no-out-link -E "
    let system = import <nixpkgs/nixos> { configuration = { lib, ... }: { $1 }; }; inherit (system) config pkgs lib;
        spec = builtins.fromJSON (builtins.unsafeDiscardStringContext system.config.system.build.initialRamdisk.spec);
    in pkgs.writeText \"files\" (builtins.toJSON {
      contents = lib.mapAttrsToList (target: file: { inherit target; source = \"\${file.source}\"; }) config.boot.initrd.extraFiles;
      modules = map (m: m // { optional = true; }) spec.availableKernelModules;
      inherit (spec) fileSystems;
    })" 2>"$work/nix-err" || cat "$work/nix-err" >&2
}
kind() { # NAME ROOT 'CONFIGURATION'
  local file
  [ "$wanted" = "  " ] || [[ $wanted == *" $1 "* ]] || return 0
  file=$(files_of "$3")
  jq -c --arg store "$store" '{fileSystems, availableKernelModules: .modules, contents: [.contents[] | .source = $store + .source]}' "$store$file" | sed 's/^{//; s/}$//' >"$work/members"
  initrd "$work/initrd" "$(cat "$work/members")"
  configuration "{ kernelFile = $KERNEL; initrdFile = $work/initrd; release = \"$V\"; builtin = builtins.readFile $K/lib/modules/$V/modules.builtin; }"
  check "kind: $1" says "boot test: the new kernel came up in .*root: $2\)" timeout 300 "$bin/nixos-rebuild" boot --boot-test-timeout 250 --root "$R" -I nixos-config="$work/configuration.nix"
}
ext4() { echo "fileSystems.\"/\" = { device = \"$1\"; fsType = \"ext4\"; };"; }
same='device = "/dev/disk/by-uuid/aaaaaaaa-2222-3333-4444-555555555555"; fsType = "btrfs";'
kind luks 'ext4 with LUKS' "$(ext4 /dev/mapper/crypt) boot.initrd.luks.devices.crypt = { device = \"/dev/disk/by-uuid/11111111-0000-0000-0000-000000000001\"; allowDiscards = true; };"
kind network 'ext4 with LUKS' "$(ext4 /dev/mapper/crypt) boot.initrd.luks.devices.crypt.device = \"/dev/disk/by-uuid/11111111-0000-0000-0000-000000000003\"; boot.initrd.network = { enable = true; postCommands = \"true\"; ssh = { enable = true; authorizedKeys = [ \"ssh-ed25519 AAAA me\" ]; hostKeys = [ \"/etc/key\" ]; }; };"
kind luks-key 'ext4 with LUKS' "$(ext4 LABEL=root) boot.initrd.luks.devices.\"with key\" = { name = \"with-key\"; device = \"/dev/disk/by-id/virtio-a\"; keyFile = \"/dev/disk/by-id/virtio-b\"; keyFileOffset = 4096; keyFileSize = 32; };"
kind lvm 'ext4 with LVM' "$(ext4 /dev/a-group/the-root)"
kind luks-on-lvm 'ext4 with LUKS, LVM' "$(ext4 /dev/mapper/crypt) boot.initrd.luks.devices.crypt.device = \"/dev/below/root\";"
kind lvm-on-luks 'ext4 with LUKS, LVM' "$(ext4 /dev/above/root) boot.initrd.luks.devices = { one.device = \"/dev/sda2\"; two = { device = \"/dev/sdb\"; preLVM = true; }; };"
kind raid 'ext4 with RAID' "$(ext4 /dev/md/system)"
kind raid-number 'ext4 with RAID' "$(ext4 /dev/md0)"
kind raid-lvm-luks 'ext4 with LUKS, LVM, RAID' "$(ext4 /dev/stack/root) boot.swraid.enable = true; boot.initrd.luks.devices.crypt.device = \"/dev/disk/by-uuid/11111111-0000-0000-0000-000000000002\";"
kind subvolumes btrfs "fileSystems.\"/\" = { $same options = [ \"subvol=@/root\" \"compress=zstd\" ]; }; fileSystems.\"/nix\" = { $same options = [ \"subvol=/nix\" ]; };"
kind in-memory tmpfs 'fileSystems."/" = { device = "none"; fsType = "tmpfs"; }; fileSystems."/nix" = { device = "/dev/sda2"; fsType = "xfs"; }; fileSystems."/boot" = { device = "/dev/disk/by-uuid/1234-ABCD"; fsType = "vfat"; neededForBoot = true; };'
finish
