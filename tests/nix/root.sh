#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A configuration without fileSystems: what nixos-rebuild tells of /etc/fstab (KERNIX_ROOT_FILE_SYSTEM) is what the initrd is made for; what the
# configuration says wins.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/cmd/lib.sh
export NIX_REMOTE="local?root=$work/store" NIX_PATH=nixpkgs=$PWD/nixpkgs
value() { # CONFIGURATION ATTRIBUTE: as JSON
  timeout 60 "$KERNIX_BUILD/bin/nix-instantiate" --eval --strict --json '<nixpkgs/nixos>' --arg configuration "$1" -A "$2" 2>"$work/err"
}
is() { # NAME WANT CONFIGURATION ATTRIBUTE
  local got
  got=$(value "$3" "$4")
  if [ "$got" = "$2" ]; then ok "$1"; else
    { echo "got $got"; cat "$work/err"; } >"$work/out"
    bad "$1" "$work/out"
  fi
}
small='{ pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackages_debian_bin; }'
initrd() { # the modules that the initrd's derivation is asked for
  local drv
  drv=$(timeout 60 "$KERNIX_BUILD/bin/nix-instantiate" '<nixpkgs/nixos>' --arg configuration "$small" -A initialRamdisk 2>/dev/null) && cat "$work/store$drv"
}
is "nothing is told: nothing is there" '{}' "$small" "config.fileSystems"
initrd | grep -q xfs && bad "nor in the initrd" || ok "nor in the initrd"
export KERNIX_ROOT_FILE_SYSTEM=$'UUID=12-34\nxfs'
is "the device" '"UUID=12-34"' "$small" 'config.fileSystems."/".device'
initrd | grep -q xfs && ok "the initrd is made for it" || bad "the initrd is made for it"
value "$small" 'config.fileSystems."/".fsType' >"$work/out"
grep -qF 'fileSystems."/" = { device = "UUID=12-34"; fsType = "xfs"; };' "$work/err" && ok "it is said, to be pasted" || bad "it is said, to be pasted" "$work/err"
is "what the configuration says wins" '"/dev/vda1"' '{ fileSystems."/" = { device = "/dev/vda1"; fsType = "ext4"; }; }' 'config.fileSystems."/".device'
export KERNIX_ROOT_FILE_SYSTEM=$'/dev/mapper/vg-root\nxfs\nlvm\nraid\nluks\tmy crypt\t/dev/disk/by-uuid/1'
is "what it lies on: LUKS" '"/dev/disk/by-uuid/1"' "$small" 'config.boot.initrd.luks.devices."my crypt".device'
is "what it lies on: LVM" true "$small" 'config.boot.initrd.services.lvm.enable'
is "what it lies on: RAID" true "$small" 'config.boot.swraid.enable'
grep -qF 'for what it lies on (lvm, raid, luks)' "$work/err" && ok "that is said" || bad "that is said" "$work/err"
initrd | grep -q dm_crypt && ok "the initrd can open it" || bad "the initrd can open it"

# What is said of a system is not said again of its variants; what is of a variant alone is.
unset KERNIX_ROOT_FILE_SYSTEM
said() { "$KERNIX_BUILD/bin/nix-instantiate" --eval '<nixpkgs/nixos>' -A system.drvPath --arg configuration "{ pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackages_debian_bin; warnings = [ \"of all\" ]; fileSystems.\"/\" = { device = \"/dev/vda\"; fsType = \"ext4\"; };
  specialisation.a.configuration = { warnings = [ \"of a\" ]; boot.kernelParams = [ \"quiet\" ]; }; specialisation.b.configuration.boot.kernelParams = [ \"debug\" ]; }" 2>&1 | grep -c "warning: $1"; }
[ "$(said 'of all')" = 1 ] && ok "a warning is said once" || bad "a warning is said once"
[ "$(said 'of a$')" = 1 ] && ok "that of a variant, too" || bad "that of a variant, too"
finish
