#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernix hardware: the report of a machine that is a folder of files; that it says nothing of the single machine and is the same each time;
# that configurations and trimming take it, and nothing else, and say what is wrong with a bad one.
set -u
cd "$KERNIX_SRC" || exit 1
. tests/cmd/lib.sh
. tests/cmd/machine-lib.sh
. tests/kconfig/mini-tree.sh
export NIX_REMOTE="local?root=$work/store" HOME=$work NIX_PATH=nixpkgs=$PWD/nixpkgs NIX_CONF_DIR=$work XDG_CACHE_HOME=$work/cache
mkdir -p "$work/store"
hardware="$bin/kernix hardware"

# A laptop with an encrypted root, and all that says whose it is.
make_laptop() { # NAME
  machine "$1"
  maker ACME 'Lapbook 5'
  local id=$M/sys/class/dmi/id p=pci0000:00/0000:00:1d.0/nvme/nvme0/nvme0n1 name
  for name in product_serial board_serial chassis_serial product_uuid chassis_asset_tag; do echo "SECRET-$name" >"$id/$name"; done
  printf 'vendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 80\nmodel name\t: Ryzen\nstepping\t: 0\nmicrocode\t: 0xa50000d\nflags\t\t: fpu lm svm\n' >"$M/proc/cpuinfo"
  device pci0000:00/0000:00:1d.0 pci pci:v0000144Dd0000A80Asv0000144Dsd0000A801bc01sc08i02 nvme
  device pci0000:00/0000:00:14.0 pci pci:v00001022d00001639sv00000000sd00000000bc0Csc03i30 xhci_pci xhci_hcd
  device pci0000:00/0000:00:02.0 pci pci:v00001002d00001638sv00000000sd00000000bc03sc00i00 amdgpu
  device pci0000:00/0000:00:03.0 pci pci:v00008086d00002723sv00008086sd00000084bc02sc80i00 iwlwifi
  mkdir -p "$M/sys/devices/pci0000:00/0000:00:03.0/net/wlan0"
  echo 00:de:ad:be:ef:01 >"$M/sys/devices/pci0000:00/0000:00:03.0/net/wlan0/address"
  for name in 1-1 1-2; do
    device "pci0000:00/0000:00:14.0/usb1/$name/$name:1.0" usb usb:v046DpC31Cd4920dc00dsc00dp00ic03isc01ip01in00 usbhid
    echo SECRET-usb >"$M/sys/devices/pci0000:00/0000:00:14.0/usb1/$name/serial"
  done
  device virtual/dmi/id dmi 'dmi:bvnACME:bvrSECRET-1.2.3:bd01/02/2026:br1.2:svnACME:pnLapbook5:pvr1:'
  block 259:0 $p
  echo SECRET-wwid >"$M/sys/devices/$p/wwid"
  partition 259:3 $p/nvme0n1p3 SECRET-luks-uuid
  block 254:0 virtual/block/dm-0 SECRET-root-uuid $p/nvme0n1p3
  mapped virtual/block/dm-0 SECRET-name CRYPT-LUKS2-5ec2e700-SECRET-name
  mounted 254:0 / / ext4 /dev/mapper/SECRET-name
  mounted 254:0 / /home/SECRET-person ext4 /dev/mapper/SECRET-name
  printf 'ext4 1 1 - Live 0x0\nthe_driver 1 0 - Live 0x0\n' >"$M/proc/modules"
  printf '%s\n' '6,1,1,-;iwlwifi 0000:00:03.0: Direct firmware load for iwlwifi-cc-a0-77.ucode failed with error -2' ' SUBSYSTEM=pci' \
    '6,2,2,-;amdgpu 0000:00:02.0: firmware: direct-loading firmware amdgpu/green_sardine_sdma.bin' '6,3,3,-;iwlwifi 0000:00:03.0: loaded firmware version 77.2 cc-a0-77.ucode op_mode iwlmvm' \
    '6,4,4,-;bluetooth hci0: firmware: failed to load intel/ibt-20.sfi (-2)' '6,5,5,-;whoever: firmware: ../../etc/shadow.bin' >"$M/dev/kmsg"
}
make_laptop laptop
check "a report" $hardware --from "$work/laptop" -o "$work/hardware.json"
report() { if jq -e "$2" "$work/hardware.json" >"$work/out" 2>&1; then ok "$1"; else bad "$1" "$work/hardware.json"; fi; }
report "its form" '.format == "kernix-hardware" and .version == 1'
report "platform and model" '.platform == "x86_64-linux" and .model == "ACME Lapbook 5" and .guest == null'
report "processor" '.cpu == {vendor: "AuthenticAMD", family: "25", model: "80", stepping: "0", microcode: "0xa50000d", microcodeOf: "amd"}'
report "root and what it lies on" '.fileSystems == [{mountPoint: "/", type: "ext4", layers: ["luks2", "partition", "nvme"]}]'
report "a device: alias, bus, driver, firmware" \
  '.devices[] | select(.driver == "iwlwifi") | .bus == "pci" and .module == "iwlwifi" and .firmware == ["cc-a0-77.ucode", "iwlwifi-cc-a0-77.ucode"]'
report "two of a kind are one" '[.devices[] | select(.bus == "usb")] | length == 1'
report "firmware of no known device; no path out of its folder" '.firmware == ["intel/ibt-20.sfi"]'
report "what the initrd needs" '.modules.initrd == ["nvme", "usbhid", "xhci_pci"] and .modules.graphics == ["amdgpu"] and .modules.virtualisation == "kvm-amd"'
report "how it boots" '.boot == {firmware: "bios", secureBoot: null, loader: null, kernelLogRead: true}'
grep -qE 'SECRET|de:ad' "$work/hardware.json" && bad "nothing of the single machine" "$work/hardware.json" || ok "nothing of the single machine"
check "once more it is the same" sh -c "$hardware --from '$work/laptop' | cmp - '$work/hardware.json'"
rm -r "$work/laptop" && make_laptop laptop
check "also from other folders" sh -c "$hardware --from '$work/laptop' | cmp - '$work/hardware.json'"
rm "$work/laptop/dev/kmsg" && mkfifo "$work/laptop/dev/kmsg"
check "a log that is a FIFO is not waited for" timeout 20 sh -c "$hardware --from '$work/laptop' 2>&1 | grep -q \"log cannot be read\""
printf 'pci:v\377\001"\n' >"$work/laptop/sys/devices/pci0000:00/0000:00:02.0/modalias"
check "an alias that is no text is left out" sh -c "$hardware --from '$work/laptop' 2>/dev/null | jq -e '[.devices[] | select(.driver == \"amdgpu\")] == []'"
expect_fail "no such folder" "there is no folder" $hardware --from "$work/nowhere"
expect_fail "a word" "kernix config hardware" $hardware pci:1234:5678
check "this machine" sh -c "$hardware | jq -e '.devices | length > 0'"
ln -s /sys/devices "$work/store/devices"
check "links below sys are not followed" sh -c "mkdir -p '$work/linked/sys/devices' && ln -s / '$work/linked/sys/devices/all' && $hardware --from '$work/linked' | jq -e '.devices == []'"

mkdir -p "$work/linked/sys/class/dmi/id" && echo SECRET >"$work/secret"
echo ACME >"$work/linked/sys/class/dmi/id/sys_vendor" && ln -s "$work/secret" "$work/linked/sys/class/dmi/id/product_name"
check "a file that is a link is not read" sh -c "$hardware --from '$work/linked' | jq -e '.model == null'"
rm -r "$work/laptop" && make_laptop laptop
echo >"$work/laptop/sys/devices/virtual/block/dm-0/dm/uuid"
check "a mapped device without a UUID is a layer, too" sh -c "$hardware --from '$work/laptop' | jq -e '.fileSystems[0].layers[0] == \"mapped\"'"

# A configuration takes the report, and nothing else.
configuration() { echo "{ pkgs, ... }: { hardware.kernix.report = $1; boot.kernelPackages = pkgs.linuxPackages_debian_bin; ${2:-} }" >"$work/configuration.nix"; }
value() { "$bin/nix-instantiate" --eval --strict --json '<nixpkgs/nixos>' -I nixos-config="$work/configuration.nix" -A "$1" 2>"$work/err"; }
is() { # NAME WANT ATTRIBUTE
  local got
  got=$(value "$3")
  if [ "$got" = "$2" ]; then ok "$1"; else
    { echo "got $got"; cat "$work/err"; } >"$work/out"
    bad "$1" "$work/out"
  fi
}
drv() { "$bin/nix-instantiate" '<nixpkgs/nixos>' -I nixos-config="$work/configuration.nix" -A system "$@" 2>"$work/err"; }
root='fileSystems."/" = { device = "/dev/mapper/root"; fsType = "ext4"; }; boot.initrd.luks.devices.root.device = "/dev/sda2";'
configuration ./hardware.json "$root"
is "modules" '["nvme","usbhid","xhci_pci","dm_mod","dm_crypt"]' config.boot.initrd.availableKernelModules
is "those of virtual machines" '["kvm-amd"]' config.boot.kernelModules
is "the platform" '"x86_64-linux"' config.nixpkgs.hostPlatform.system
is "no warning" '[]' config.warnings
here=$(drv)
[ -n "$here" ] && ok "a system" || bad "a system" "$work/err"
[ "$(drv --option system aarch64-linux)" = "$here" ] && ok "the same on another machine" || bad "the same on another machine" "$work/err"
configuration ./hardware.json
first=$(drv)
[ "$(KERNIX_ROOT_FILE_SYSTEM=$'UUID=1\nxfs\nlvm' drv)" = "$first" ] && ok "the machine's fstab has no say" || bad "the machine's fstab has no say" "$work/err"
grep -q 'names no single disk' "$work/err" && grep -q 'luks.devices.NAME' "$work/err" && ok "what is missing is said" || bad "what is missing is said" "$work/err"
sed 's/x86_64-linux/aarch64-linux/' "$work/hardware.json" >"$work/arm.json"
configuration ./arm.json "$root"
is "another platform" '"aarch64-linux"' config.nixpkgs.hostPlatform.system
configuration "(builtins.fromJSON (builtins.readFile ./hardware.json))" "$root"
is "what is in it, in place of its path" '["nvme","usbhid","xhci_pci","dm_mod","dm_crypt"]' config.boot.initrd.availableKernelModules
if [ -x /usr/bin/nix-instantiate ]; then
  configuration ./hardware.json "$root"
  [ "$(/usr/bin/nix-instantiate --readonly-mode '<nixpkgs/nixos>' -I nixos-config="$work/configuration.nix" -A system 2>"$work/err")" = "$here" ] && ok "as real Nix has it" || bad "as real Nix has it" "$work/err"
fi

# Trimming: what the report and the tree say, not this machine's kernel.
tree=$work/linux-6.12.1
mini_tree "$tree"
echo 'obj-y += drivers/' >"$tree/Kbuild"
echo 'obj-y += net/' >"$tree/drivers/Makefile"
printf '#include <linux/pci.h>\nstatic const struct pci_device_id ids[] = { { 0x8086, 0x2723, ~0, ~0 }, { } };\nMODULE_DEVICE_TABLE(pci, ids);\n' >"$tree/drivers/net/second.c"
trim() { "$bin/kernix" config trim --source "$tree" --arch x86_64 --base x86_64_defconfig --hardware "$1" --json; }
trim "$work/hardware.json" >"$work/out" 2>"$work/err"
jq -e '.go == ["XFS_FS"]' "$work/out" >/dev/null && ok "trim by a report: by an alias, and what was loaded" || bad "trim by a report" <(cat "$work/out" "$work/err")
jq 'del(.modules.loaded[0,1]) | .devices = []' "$work/hardware.json" >"$work/bare.json"
check "trim by a report without them" sh -c "$(declare -f trim); bin=$bin tree=$tree; trim '$work/bare.json' | jq -e '.go == [\"BUS\",\"DRIVER\",\"SECOND\",\"XFS_FS\"]'"

# The report that the configuration names is trim's and hardware's, too.
mini_configuration "$tree" | sed "s|#here|hardware.kernix.report = $work/hardware.json;|" >"$work/mini.nix"
own() { "$bin/kernix" config "$@" --configuration "$work/mini.nix" --json 2>"$work/err"; }
own trim | jq -e '.go == [] and (.stay | keys) == ["BUS","XFS_FS"] and .loaded == 11' >"$work/out" 2>&1 && ok "trim: the configuration's own report" || bad "trim: the configuration's own report" <(own trim; cat "$work/err")
own hardware | jq -e '[.drivers[].device] == ["pci:v00008086d00002723sv00008086sd00000084bc02sc80i00"]' >"$work/out" 2>&1 && ok "hardware: the configuration's own report" || bad "hardware: the configuration's own report" <(own hardware; cat "$work/err")

# Bad reports: both readers name file and key.
both() { # NAME JQ KEY
  jq -c "$2" "$work/hardware.json" >"$work/bad.json"
  configuration ./bad.json "$root"
  expect_fail "$1: configuration" "bad.json: '$3' must be" drv_said
  expect_fail "$1: trim" "bad.json: '$3' must be" trim "$work/bad.json"
}
drv_said() { "$bin/nix-instantiate" '<nixpkgs/nixos>' -I nixos-config="$work/configuration.nix" -A system; }
both "no version" 'del(.version)' version
both "modules are no set" '.modules.initrd = 3' modules.initrd
both "a module is no text" '.modules.initrd[1] = {}' 'modules.initrd[1]'
both "a module with a space" '.modules.initrdBuiltIn = ["a b"]' 'modules.initrdBuiltIn[0]'
both "layers" '.fileSystems[0].layers = null' 'fileSystems[0].layers'
both "file systems" '.fileSystems = 1' fileSystems
jq '.devices[2] = 5' "$work/hardware.json" >"$work/bad.json"
expect_fail "a device is no set" "'devices[2]' must be" trim "$work/bad.json"
jq '.devices[1].modalias = "a b"' "$work/hardware.json" >"$work/bad.json"
expect_fail "an alias with a space" "'devices[1].modalias' must be" trim "$work/bad.json"
jq '.platform = "x\"; throw"' "$work/hardware.json" >"$work/bad.json"
configuration ./bad.json "$root"
expect_fail "a platform that is none" "'platform' must be" drv_said
for text in '{"format":"kernix-hardware","version":2}' '{"version":1,"hardware":{}}' '{"format":"kernix-hardware","version":1,' '{"format":"x","format":"kernix-hardware"}'; do
  printf '%s' "$text" >"$work/bad.json"
  expect_fail "${text:0:42}: configuration" "bad.json" drv_said
  expect_fail "${text:0:42}: trim" "bad.json" trim "$work/bad.json"
done
configuration ./none.json "$root"
expect_fail "no such file" "none.json' does not exist" drv_said
finish
