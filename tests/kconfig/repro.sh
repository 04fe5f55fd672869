#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where reproducibility ends, it is said: each row of the table in src/kconfig/repro.c is an option of a kernel that we have, `kernix config check` names
# what makes two builds differ and says what is handled, and so do evaluation and the build of a .config.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/cmd/lib.sh
mine=$work
. tests/kconfig/lib.sh
trees=()
for v in 6.1 6.12 7.2; do
  t=$(tree "$v") && trees+=("$v=$t")
done
work=$mine
. tests/kconfig/mini-tree.sh
export NIX_REMOTE="local?root=$work/store" NIX_PATH=nixpkgs=$PWD/nixpkgs NIX_CONF_DIR=$work XDG_CACHE_HOME=$work/cache
unset NIXOS_CONFIG

# Every row is an option of some version, so that a renamed one is found.
rows=$(sed -n '/^static const struct rule rules/,/^};/s/^        {"\([A-Z0-9_]*\)",.*/\1/p' src/kconfig/repro.c)
defined=$(for t in "${trees[@]}"; do find "${t#*=}/" -name 'Kconfig*' -exec cat {} +; done | sed -n 's/^[[:space:]]*\(menu\)\?config \([A-Z0-9_]*\).*/\2/p' | sort -u)
[ "${#trees[@]}" -gt 0 ] && [ "$(wc -w <<<"$rows")" -gt 12 ] || bad "there are trees and rows"
unknown=$(comm -23 <(sort -u <<<"$rows") <(echo "$defined"))
if [ -z "$unknown" ]; then ok "the options of the table are options of a kernel"; else bad "options of the table that no kernel has: $unknown"; fi

# On whole trees: what is asked for and comes out is named, or said to be handled.
check_of() { # TREE JSON...: check --json to $work/said
  local t=$1
  shift
  printf '%s' "$*" >"$work/wish.json"
  "$kernix" config check --source "$t" --arch x86_64 --base defconfig --request "$work/wish.json" --json >"$work/said" 2>"$work/err"
}
how() { jq -r --arg o "$1" '.reproducible[] | select(.option == $o) | .handled' "$work/said"; }
for row in "${trees[@]}"; do
  v=${row%%=*} t=${row#*=}
  check_of "$t" '{"MODULE_SIG":"y","IKHEADERS":"y","LOCALVERSION_AUTO":"y","DEBUG_FS":"y","GCOV_KERNEL":"y","DEBUG_INFO_DWARF5":"y"}' || cat "$work/err"
  check "$v: a generated key" test "$(how MODULE_SIG_KEY)" = false
  check "$v: coverage" test "$(how GCOV_KERNEL)" = false
  check "$v: headers, version, debug information and vDSO are handled" test "$(how IKHEADERS)$(how LOCALVERSION_AUTO)$(how DEBUG_INFO)$(how GENERIC_GETTIMEOFDAY)" = truetruetruetrue
  check_of "$t" '{"MODULE_SIG":"y","MODULE_SIG_KEY":"/etc/keys/mine.pem"}' || cat "$work/err"
  check "$v: a key of one's own, a plain one: nothing is named" test "$(how MODULE_SIG_KEY)$(jq '[.reproducible[] | select(.handled | not)] | length' "$work/said")" = 0
  case $v in 7.*) check_of "$t" '{"X86_NATIVE_CPU":"y"}'; check "$v: the builder's processor" test "$(how X86_NATIVE_CPU)" = false ;; esac
done

# What the tree and the tools say decides: seeds, and the order of types.
tree=$work/tree
mini_tree "$tree"
cat >>"$tree/Kconfig" <<'X'
config RANDSTRUCT_FULL
	bool "layout"
config GCC_PLUGIN_LATENT_ENTROPY
	bool "entropy"
config DEBUG_INFO_BTF
	bool "types"
config PAHOLE_VERSION
	int
	default $(shell,echo ${PAHOLE_TEST:-124})
X
mkdir -p "$tree/scripts"
printf '#!/bin/sh\nSEED=$(od -A n -t x8 -N 32 /dev/urandom | tr -d '"' \\\\n'"')\n' >"$tree/scripts/gen-randstruct-seed.sh"
said() { "$kernix" config check --source "$tree" --arch x86_64 --base allnoconfig --request <(echo "$1") >"$work/out" 2>&1; }
has() { said "$1" && grep -q "$2" "$work/out" || { cat "$work/out"; return 1; }; }
hasnt() { said "$1" && ! grep -q "$2" "$work/out" || { cat "$work/out"; return 1; }; }
check "a drawn seed, and what to do" has '{"RANDSTRUCT_FULL":"y"}' 'Remedy: give a seed: boot.kernel.randstructSeed'
check "entropy of the builder" has '{"GCC_PLUGIN_LATENT_ENTROPY":"y"}' 'GCC_PLUGIN_LATENT_ENTROPY: constants are drawn'
check "what is off is not named" hasnt '{"RANDSTRUCT_FULL":"n"}' 'differ'
sed -i 's/od -A.*)/printf %s abc)/' "$tree/scripts/gen-randstruct-seed.sh"
check "a seed that is given" hasnt '{"RANDSTRUCT_FULL":"y"}' 'differ'
echo 'extra_paholeopt="${extra_paholeopt} -j"' >"$tree/scripts/pahole-flags.sh"
check "an old pahole with several threads" has '{"DEBUG_INFO_BTF":"y"}' 'DEBUG_INFO_BTF: this pahole'
echo 'extra_paholeopt=' >"$tree/scripts/pahole-flags.sh"
check "with one" hasnt '{"DEBUG_INFO_BTF":"y"}' 'differ'
echo 'pahole-flags-127 += -j --btf_features=+reproducible_build' >"$tree/scripts/Makefile.btf"
btf() { PAHOLE_TEST=$1 XDG_CACHE_HOME=$work/cache-$1 said '{"DEBUG_INFO_BTF":"y"}' && { grep -c 'DEBUG_INFO_BTF: this pahole' "$work/out" || true; }; }
check "a tree that knows pahole 1.27" test "$(btf 124)$(btf 126)$(btf 127)" = 010
handled() { "$kernix" config check --source "$tree" --arch x86_64 --base allnoconfig --all 2>&1 | grep -c '^reproducible: ' || true; }
check "--all: nothing to say of a small tree" test "$(handled)" = 0

# Evaluation, and the build of the .config.
printf '#!/bin/sh\nSEED=$(od -A n -t x8 -N 32 /dev/urandom | tr -d '"' \\\\n'"')\n' >"$tree/scripts/gen-randstruct-seed.sh"
mini_configuration "$tree" | sed 's|#here|boot.kernelPatches = [ { name = "r"; patch = null; structuredExtraConfig.RANDSTRUCT_FULL = lib.kernel.yes; } ];|' | sed '/name = "mine"/,/} \];/d' | sed '/boot.kernelPatches = \[ {$/d' >"$work/c.nix"
evaluated() { "$bin/nix-instantiate" '<nixpkgs/nixos>' --arg configuration "$1" -A system 2>&1; }
check "evaluation names it" grep -q 'RANDSTRUCT_FULL: the layout of structures follows a seed' <(evaluated "$work/c.nix")
sed 's|^{ config.*|&\n#|; s|boot.kernelModules|boot.kernel.randstructSeed = "s"; boot.kernelModules|' "$work/c.nix" >"$work/seeded.nix"
check "and with a seed nothing" sh -c "! '$bin/nix-instantiate' '<nixpkgs/nixos>' --arg configuration '$work/seeded.nix' -A system 2>&1 | grep -q 'drawn in each build\|^error'"
built=$("$bin/nix-build" --no-out-link -E "(import <nixpkgs/nixos> { configuration = $work/c.nix; }).config.boot.kernelPackages.kernel.configfile" 2>"$work/err") || cat "$work/err"
check "the build of the .config names it" grep -q 'RANDSTRUCT_FULL: the layout' <("$bin/nix-store" --read-log "$built" 2>&1)
finish
