#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# boot.kernix.hardware: a kernel that is trimmed where its .config is made, as a function of tree, reports and configuration. On a tree of a few files: what
# stays and why, that the builder, `config solve` and `config trim` say the same, that real Nix has the same .drv, and what is wrong with bad reports.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/cmd/lib.sh
. tests/kconfig/mini-tree.sh
export NIX_REMOTE="local?root=$work/store" NIX_PATH=nixpkgs=$PWD/nixpkgs NIX_CONF_DIR=$work XDG_CACHE_HOME=$work/cache
unset NIXOS_CONFIG
tree=$work/tree
config() { timeout 120 "$KERNIX_BUILD/kernix" config "$@"; }

# Drivers with a table (DRIVER: a PCI card; SECOND: another), one that only its module's name finds, and what depends on each other.
mini_tree "$tree"
cat >>"$tree/Kconfig" <<'X'
config USB_STORAGE
	tristate "sticks"
	depends on CORE
config CORE
	tristate "core of something"
config NAMED
	tristate "a module that was loaded"
config CRYPT
	tristate "device mapper's encryption"
config ONLY_COMMON
	tristate "what every kernel is asked for"
	depends on CORE
config MINE_TEXT
	string "of a module"
	depends on LOOPY
config BONDING
	tristate "of an option that is a set"
config LOOPY
	tristate "goes unless its text was asked for"
config UNUSED_A
	tristate "nobody's"
config UNUSED_B
	tristate "nobody's, and needs another"
	depends on UNUSED_A
config HELPER
	tristate
config USES_HELPER
	tristate "selects"
	select HELPER
config BUILT_IN
	tristate "built in"
	default y
X
sed -i '/^config BUS/,/^config DRIVER/s/tristate "bus"/tristate "bus" if NET/' "$tree/Kconfig"
cat >>"$tree/drivers/net/Makefile" <<'X'
obj-$(CONFIG_USB_STORAGE) += usb-storage.o
obj-$(CONFIG_NAMED) += the_named.o
obj-$(CONFIG_CRYPT) += dm-crypt.o
obj-$(CONFIG_UNUSED_A) += unused-a.o
X
echo 'obj-y += drivers/' >"$tree/Kbuild"
echo 'obj-y += net/' >"$tree/drivers/Makefile"
driver() { printf '#include <linux/pci.h>\nstatic const struct pci_device_id ids[] = { { 0x8086, 0x%s, ~0, ~0 }, { } };\nMODULE_DEVICE_TABLE(pci, ids);\n' "$2" >"$tree/drivers/net/$1.c"; }
driver the-driver 2723
driver second 9999
{ echo CONFIG_NET=y; echo CONFIG_MODULES=y; for o in BUS DRIVER SECOND XFS_FS USB_STORAGE CORE NAMED CRYPT LOOPY UNUSED_A UNUSED_B USES_HELPER BONDING; do echo "CONFIG_$o=m"; done; } >"$tree/arch/x86/configs/x86_64_defconfig"

report() { # FILE ALIAS MODULE LAYER
  jq -n --arg a "$2" --arg m "$3" --arg l "$4" '{format: "kernix-hardware", version: 1, platform: "x86_64-linux", boot: {firmware: "uefi"}, cpu: {microcodeOf: null},
    devices: [{modalias: $a, bus: "pci"}], modules: {initrd: [], initrdBuiltIn: [], graphics: [], virtualisation: null, loaded: [$m]},
    fileSystems: [{mountPoint: "/", type: "xfs", layers: [$l]}], fileSystemTypes: []}' >"$1"
}
report "$work/one.json" pci:v00008086d00002723sv00008086sd00000084bc02sc80i00 the_named partition
report "$work/two.json" pci:v00008086d00009999sv00008086sd00000084bc02sc80i00 nothing luks2

configuration() { # FILE LINE...: on the tree, with these lines
  local file=$1
  shift
  { echo '{ config, lib, pkgs, ... }: {'
    printf '%s\n' "boot.kernelPackages = lib.mkDefault (pkgs.linuxPackagesFor (pkgs.linux_debian.override { argsOverride = { version = \"6.12.1\"; src = $tree; }; defconfig = \"x86_64_defconfig\"; enableCommonConfig = false; autoModules = false; }));" \
      'fileSystems."/" = { device = "LABEL=root"; fsType = "xfs"; };' 'imports = [ {' "$@" '} ]; }'; } >"$work/$file.nix"
}
trim() { config trim "$work/$1.nix" --json >"$work/said.json" 2>"$work/err" || { cat "$work/err"; return 1; }; }
is() { # NAME FILE JQ
  if trim "$2" && jq -e "$3" "$work/said.json" >/dev/null; then ok "$1"; else bad "$1" <(cat "$work/err" "$work/said.json"); fi
}

configuration one 'boot.kernix.hardware = ./one.json;'
is "what a report names stays, by alias and by module" one '.machine.DRIVER == "drives pci:v00008086d00002723sv00008086sd00000084bc02sc80i00" and .machine.NAMED == "a machine has it, as its report says"'
is "what that needs stays, and says for whom" one '.stay.BUS == "needed by DRIVER"'
is "what is declared stays" one '.stay.XFS_FS == "fileSystems"'
is "what is plugged in stays, with what it needs" one '.stay.USB_STORAGE == "plugged in: USB storage" and .stay.CORE == "needed by USB_STORAGE"'
is "the rest goes" one '.go == ["SECOND","CRYPT","BONDING","LOOPY","UNUSED_A","UNUSED_B","HELPER","USES_HELPER"]'
is "and says why" one '(.reasons.UNUSED_B | endswith("needs UNUSED_A, which goes")) and (.reasons.UNUSED_A | startswith("unused_a: nothing that is there"))'

configuration both 'boot.kernix.hardware = [ ./one.json ./two.json ];'
is "of two machines both have theirs" both '.go == ["BONDING","LOOPY","UNUSED_A","UNUSED_B","HELPER","USES_HELPER"] and .machine.CRYPT and .machine.SECOND and .machine.DRIVER'
configuration luks 'boot.kernix.hardware = ./one.json;' 'boot.initrd.luks.devices.root.device = "/dev/sda2";' 'fileSystems."/data" = { device = "LABEL=data"; fsType = "ext4"; };'
is "the root's chain" luks '.stay.CRYPT == "boot.initrd.availableKernelModules"'
configuration asked 'boot.kernix.hardware = ./one.json;' 'boot.kernelModules = [ "unused-a" ];' 'boot.kernelPatches = [ { name = "p"; patch = null; structuredExtraConfig = with lib.kernel; { MINE_TEXT = freeform "x"; USES_HELPER = module; }; } ];'
is "modules and requests" asked '.go == ["SECOND","CRYPT","BONDING","UNUSED_B"] and .stay.UNUSED_A == "boot.kernelModules" and .stay.LOOPY == "needed by MINE_TEXT" and (.stay.USES_HELPER | startswith("asked for by"))'
configuration table 'boot.kernix.hardware = ./one.json;' 'boot.kernix.plugIn."USB storage" = [ ];' 'boot.kernix.plugIn.own = [ "UNUSED_?" ];' 'boot.kernix.trimKeep = [ "LOOPY" ];'
is "the table can be read and changed" table '.go == ["SECOND","USB_STORAGE","CORE","CRYPT","BONDING","HELPER","USES_HELPER"] and .stay.UNUSED_B == "plugged in: own" and .stay.LOOPY == "boot.kernix.trimKeep"'
configuration switch 'boot.kernix.hardware = ./one.json;' 'networking.bonds.bond0.interfaces = [ "eth0" "eth1" ];'
is "an option that needs modules, where it says something" switch '.stay.BONDING == "boot.kernelModules" or .stay.BONDING == "networking.bonds"'
configuration demand 'boot.kernix.hardware = ./one.json;' 'system.requiredKernelConfig = with config.lib.kernelConfig; [ (isEnabled "UNUSED_A") (isNo "SECOND") ];'
is "what the system demands of its kernel" demand '.stay.UNUSED_A == "system.requiredKernelConfig" and (.go | index("SECOND"))'
configuration common 'boot.kernix.hardware = ./one.json;' "boot.kernelPackages = pkgs.linuxPackagesFor (pkgs.linux_debian.override { argsOverride = { version = \"6.12.1\"; src = $tree; }; defconfig = \"x86_64_defconfig\"; autoModules = true; });"
is "what every kernel is asked for holds no module" common '(.go | index("UNUSED_A")) and .machine.DRIVER'

# One truth: the builder's .config, solve's and the one that is left after the printed requests.
built=$(timeout 300 "$bin/nix-build" --no-out-link -E "(import <nixpkgs/nixos> { configuration = $work/one.nix; }).config.boot.kernelPackages.kernel.configfile" 2>"$work/err") || cat "$work/err"
config solve --configuration "$work/one.nix" -o "$work/solved" 2>"$work/err"
check "solve gives what is built" cmp "$work/store$built" "$work/solved"
check "the log says what was done" grep -q 'trimmed: 6 modules stay, 8 go' <("$bin/nix-store" --read-log "$built")
configuration by-hand "$(config trim "$work/one.nix" 2>/dev/null | sed 1,/^structuredExtraConfig/d | sed '1i boot.kernelPatches = [ { name = "t"; patch = null; structuredExtraConfig = {' | sed '$s/.*/}; } ];/')"
config solve --configuration "$work/by-hand.nix" -o "$work/by-hand" 2>"$work/err"
check "its requests in Nix give the same .config" diff "$work/by-hand" "$work/solved"
check "--all has a reason for each" test "$(config trim "$work/one.nix" --all 2>/dev/null | grep -c '^# \(stays\|goes\): [A-Z_]* (..*)$')" = 14
is "a report on the command line counts in place of the configuration's" one '.go | index("SECOND")'
check "and goes by itself" sh -c "'$KERNIX_BUILD/kernix' config trim '$work/one.nix' --hardware '$work/two.json' --json | jq -e '.go | index(\"DRIVER\")'"

# Nothing of the machine, of what a report has besides, and of the reports' places is in the derivation; real Nix has the same.
drv() { "$bin/nix-instantiate" '<nixpkgs/nixos>' --arg configuration "$1" -A "${2:-config.boot.kernelPackages.kernel.configfile}" 2>>"$work/err"; }
jq '.cpu.microcode = "0x2" | .firmware = ["x"] | .model = "other"' "$work/one.json" >"$work/newer.json"
configuration newer 'boot.kernix.hardware = ./newer.json;'
check "another microcode builds no kernel" test "$(drv "$work/one.nix")" = "$(drv "$work/newer.nix")"
configuration inline "boot.kernix.hardware = $(jq -r 'def n: if type == "object" then "{ " + (to_entries | map("\"" + .key + "\" = " + (.value | n) + ";") | join(" ")) + " }" elif type == "array" then "[ " + (map(n) | join(" ")) + " ]" else tojson end; n' "$work/one.json");"
check "a set in place of a file" test "$(drv "$work/one.nix")" = "$(drv "$work/inline.nix")"
real() { NIX_REMOTE="local?root=$work/real" /usr/bin/nix-instantiate --option substitute false '<nixpkgs/nixos>' --arg configuration "$1" -A system 2>>"$work/err"; }
if [ -x /usr/bin/nix-instantiate ]; then
  for name in one both asked; do check "real Nix has the same .drv: $name" test "$(real "$work/$name.nix")" = "$(drv "$work/$name.nix" system)"; done
fi
check "a report of the kernel is one of the machine, too" test "$("$bin/nix-instantiate" --eval -E "builtins.isPath (import <nixpkgs/nixos> { configuration = $work/one.nix; }).config.hardware.kernix.report" 2>&1)" = true

# Bad ones.
eval_of() { drv "$work/$1.nix" system 2>&1; cat "$work/err"; return 1; }
wrong() { # NAME TEXT JQ
  jq "$3" "$work/one.json" >"$work/bad.json"
  configuration bad 'boot.kernix.hardware = ./bad.json;' 'hardware.kernix.report = null;'
  expect_fail "$1" "$2" config trim "$work/bad.nix"
}
wrong "no report" "'format' must be" '.format = "x"'
wrong "a newer one" "its version is 2" '.version = 2'
wrong "a device that is none" "'devices[0].modalias' must be" '.devices[0] = {}'
wrong "modules that are none" "'modules' must be" '.modules = 3'
wrong "no devices" "'devices' must be" 'del(.devices)'
configuration none 'boot.kernix.hardware = ./none.json;'
expect_fail "no such file" "none.json' does not exist" eval_of none
echo CONFIG_NET=y >"$work/finished.config"
configuration finished 'boot.kernix.hardware = ./one.json;' "boot.kernelPackages = pkgs.linuxPackagesFor (pkgs.linuxManualConfig { version = \"6.12.1\"; src = $tree; configfile = ./finished.config; });"
: >"$work/err"
expect_fail "a finished .config: said, not done" "boot.kernix.hardware has no effect" eval_of finished
finish
