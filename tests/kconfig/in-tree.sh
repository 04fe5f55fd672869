#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 'kernix config' as a kernel developer calls it: in a tree, or a folder that make O= built in, with a .config and no option. Architecture and
# compiler are those of the .config; what helps comes as CONFIG_ lines, with which the request then holds.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/cmd/lib.sh
. tests/kconfig/mini-tree.sh
export XDG_CACHE_HOME=$work/cache NIX_REMOTE="local?root=$work/store" NIX_PATH=nixpkgs=$PWD/nixpkgs
unset NIXOS_CONFIG ARCH CROSS_COMPILE CC LLVM KBUILD_OUTPUT KCONFIG_CONFIG
tree=$work/tree
mini_tree "$tree"
printf 'config CC_VERSION_TEXT\n\tstring\n\tdefault "$(CC_VERSION_TEXT)"\nsource "arch/$(SRCARCH)/Kconfig"\n' >>"$tree/Kconfig"
touch "$tree/arch/x86/Kconfig"
config() { (cd "${at:-$tree}" && timeout 60 "$KERNIX_BUILD/kernix" config "$@"); }
says() { # NAME 'TEXT|TEXT...' COMMAND...
  local name=$1 texts=$2 text missing=
  shift 2
  if ! "$@" >"$work/out" 2>&1; then bad "$name" "$work/out" && return; fi
  local IFS='|'
  for text in $texts; do grep -qF -- "$text" "$work/out" || missing="$missing [$text]"; done
  if [ -z "$missing" ]; then ok "$name"; else
    echo "does not say:$missing" >>"$work/out"
    bad "$name" "$work/out"
  fi
}

expect_fail "a tree without .config" "which kernel?|in a kernel tree with a .config" config explain DRIVER
says "with a base it needs none" "DRIVER = m" config explain DRIVER --base defconfig --arch x86_64
config solve --source . --arch x86_64 --base defconfig -o .config
says "explain" "kernix config: .config of this tree|DRIVER = m|depends on: BUS" config explain DRIVER
says "compare" "0 differ" config compare .config
cp "$tree/.config" "$work/whole"
says "check: each line of the .config comes out" "16 of 16 options come out as asked" config check
config solve -o "$work/again" 2>"$work/err" && cmp -s "$work/whole" "$work/again" && ok "solve is olddefconfig" || bad "solve is olddefconfig" "$work/err"

printf 'CONFIG_MODULES=y\n# CONFIG_NET is not set\nCONFIG_DRIVER=m\nCONFIG_GONE=y\nCONFIG_NUMBER=99\n' >"$tree/.config"
expect_fail "check: lines that do not come out" "DRIVER: wanted m|asked by .config:3|BUS is n|GONE: wanted y|.config:4|99 is out of its range" config check
printf 'CONFIG_MODULES=y\nCONFIG_CC_VERSION_TEXT="another"\n' >"$tree/.config"
says "but what nobody can ask for is no matter" "2 of 2 options" config check
printf 'CONFIG_MODULES=y\nCONFIG_TEXT="a b"\n' >"$tree/.config"
echo '{"DRIVER":"m"}' >"$work/request.json"
expect_fail "a fix is lines of a .config" "    CONFIG_NET=y|    CONFIG_BUS=m" config check --request "$work/request.json"
grep -q 'lib.kernel' "$work/out" && bad "and no Nix" "$work/out" || ok "and no Nix"
{ cat "$tree/.config" && sed -n 's/^    CONFIG_/CONFIG_/p' "$work/out" && echo CONFIG_DRIVER=m; } >"$work/mended"
says "with those lines it holds" "5 of 5 options" config check --fragment "$work/mended" --base allnoconfig
expect_fail "--nix: as Nix" "    BUS = lib.kernel.module;" config check --request "$work/request.json" --nix
at=$work expect_fail "--lines: as lines, anywhere" "    CONFIG_BUS=m" config check --source "$tree" --base allnoconfig --arch x86_64 --request "$work/request.json" --lines
cp "$work/whole" "$tree/.config"
echo 'the_driver 1 0' >"$work/lsmod"
says "trim: lines to paste" "# CONFIG_SECOND is not set|# CONFIG_XFS_FS is not set" config trim --modules "$work/lsmod"

# Another architecture, another compiler: as the .config says.
mkdir -p "$work/bin" "$work/arm/arch"
printf '#!/bin/sh\necho "%s (test) 12.1.0"\n' alien-linux-gnu-gcc >"$work/bin/alien-linux-gnu-gcc"
chmod +x "$work/bin/alien-linux-gnu-gcc"
export PATH=$work/bin:$PATH
printf '#\n# Automatically generated file; DO NOT EDIT.\n# Linux/arm64 6.12.1 Kernel Configuration\n#\nCONFIG_CC_VERSION_TEXT="alien-linux-gnu-gcc (test) 12.0.0"\nCONFIG_ARM_ONLY=y\n' >"$tree/.config"
says "the architecture of the .config" "ARCH=arm64, CROSS_COMPILE=alien-linux-gnu-|ARM_ONLY = y" config explain ARM_ONLY
says "and its compiler, as it is today" "CC_VERSION_TEXT = alien-linux-gnu-gcc (test) 12.1.0" config explain CC_VERSION_TEXT
expect_fail "--arch wins" "no Kconfig file of this tree" config explain ARM_ONLY --arch x86_64
ARCH=x86_64 expect_fail "ARCH of the environment wins, as for make" "no Kconfig file of this tree" config explain ARM_ONLY
ARCH=x86_64 says "--arch wins over that, too" "ARM_ONLY = y" config explain ARM_ONLY --arch arm64
CROSS_COMPILE='' says "CROSS_COMPILE of the environment wins" "CC_VERSION_TEXT = gcc" config explain CC_VERSION_TEXT
says "a .config from elsewhere says it, too" "ARM_ONLY = y" env -C "$work" "$KERNIX_BUILD/kernix" config explain ARM_ONLY --source "$tree" --base "$tree/.config"
says "--source alone: its .config" "ARM_ONLY = y" env -C "$work" "$KERNIX_BUILD/kernix" config explain ARM_ONLY --source "$tree"

# A folder of make O=.
mkdir -p "$work/o"
ln -s "$tree" "$work/o/source"
mv "$tree/.config" "$work/o/.config"
at=$work/o says "a build folder" ".config of $tree|ARM_ONLY = y" config explain ARM_ONLY
KBUILD_OUTPUT=$work/o says "KBUILD_OUTPUT" "ARM_ONLY = y" config explain ARM_ONLY
cp "$work/o/.config" "$work/o/other"
rm "$work/o/.config"
KCONFIG_CONFIG=other at=$work/o says "KCONFIG_CONFIG" "other of $tree" config explain ARM_ONLY

# What is named wins over where one stands.
cp "$work/whole" "$tree/.config"
mini_configuration "$tree" >"$work/configuration.nix"
says "--configuration in a tree is that configuration" "NUMBER = 12" config explain NUMBER --configuration "$work/configuration.nix"
NIXOS_CONFIG=$work/configuration.nix says "a tree with .config goes before the machine's configuration" "NUMBER = 8" config explain NUMBER
rm "$tree/.config"
NIXOS_CONFIG=$work/configuration.nix says "without .config it does not" "NUMBER = 12" config explain NUMBER
finish
