#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One truth: what 'kernix config' says of a configuration is what its kernel is built with. For each of the configurations in truth/cases.nix (all
# shapes in which people write a kernel), and for attributes, the .config that 'config solve' gives is compared with the one that the kernel's own
# derivation takes; only .configs are built. check, explain, compare, diff and trim answer for that same .config.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/cmd/lib.sh
. tests/kconfig/mini-tree.sh
export NIX_REMOTE="local?root=$work/store" NIX_PATH=nixpkgs=$PWD/nixpkgs XDG_CACHE_HOME=$work/cache
unset NIXOS_CONFIG
tree=$work/tree cases=$PWD/tests/kconfig/truth/cases.nix patches=$work/patches
config() { timeout 120 "$KERNIX_BUILD/kernix" config "$@"; }

# The tree, with what the toolchain and the environment say in its options.
mini_tree "$tree"
cat >>"$tree/Kconfig" <<'X'
config USER2
	tristate "nobody asks for it"
config BUILTIN
	tristate "in by its default"
	default y
config CC_TARGET
	string
	default "$(shell,$(CC) -dumpmachine)"
config CC_ANSWERS
	string
	default "$(shell,echo __SIZEOF_POINTER__ | $(CC) -E -P - | sed 's/^8/64/;t;s/^4/32/')"
config LEAK
	string
	default "$(shell,echo $KERNIX_TEST_LEAK)"
source "arch/$(SRCARCH)/Kconfig"
X
touch "$tree/arch/x86/Kconfig"
printf 'CONFIG_NET=y\nCONFIG_BUS=y\nCONFIG_ARM_ONLY=y\n' >"$tree/arch/arm64/configs/defconfig"
printf 'CONFIG_NUMBER=16\nCONFIG_NET=y\n' >"$tree/arch/x86/configs/small_defconfig"
mkdir -p "$patches"
printf 'CONFIG_MODULES=y\nCONFIG_NUMBER=24\nCONFIG_NET=y\nCONFIG_BUS=m\nCONFIG_EXPERT=y\n' >"$patches/manual.config"
patch_of() { # NAME SED: a patch that makes this change to Kconfig
  mkdir -p "$work/a" "$work/b"
  cp "$tree/Kconfig" "$work/a/" && sed "$2" "$tree/Kconfig" >"$work/b/Kconfig"
  (cd "$work" && diff -u a/Kconfig b/Kconfig >"$patches/$1.patch")
}
patch_of default 's/default 8/default 9/'
patch_of adds 's/^config EXPERT/config PATCHED\n\tbool "patched"\nconfig EXPERT/'

# A user's own programs and variables are none of the build's.
export KERNIX_TEST_LEAK=leaked
mkdir -p "$work/shims"
printf '#!/bin/sh\necho shim\n' >"$work/shims/gcc"
chmod +x "$work/shims/gcc"
export PATH=$work/shims:$PATH

all="import $cases { tree = $tree; patches = $patches; }"
evaluate() { timeout 300 "$bin/nix-instantiate" --eval --strict --json -E "$1"; }
evaluate "builtins.mapAttrs (_: c: { inherit (c) has; manual = c.manual or false; cross = c.cross or false; }) ($all)" >"$work/cases.json" 2>"$work/out" || bad "the cases evaluate" "$work/out"
mapfile -t names < <(jq -r 'keys[]' "$work/cases.json")
for name in "${names[@]}"; do
  mkdir -p "$work/$name"
  printf '{ config, lib, pkgs, modulesPath, ... }@args:\nlet case = (%s)."%s".module; in\nif builtins.isFunction case then case args else case\n' \
    "$all" "$name" >"$work/$name/configuration.nix"
done
kernel() { echo "(import <nixpkgs/nixos> { configuration = $work/$1/configuration.nix; }).config.boot.kernelPackages.kernel"; }

# What the kernels' derivations take, all at once: NAME, its .config and its tree as lines of a file.
expr="let pkgs = import <nixpkgs> { }; file = n: k: \"\${n} \${k.configfile} \${k.tree}\n\"; in pkgs.writeText \"all\" (builtins.concatStringsSep \"\" ["
for name in "${names[@]}"; do expr+=" (file \"$name\" ($(kernel "$name")))"; done
echo "$expr ])" >"$work/all.nix"
if built=$(timeout 600 "$bin/nix-build" --no-out-link "$work/all.nix" 2>"$work/out"); then ok "the .configs of all kernels are built"; else bad "the .configs of all kernels are built" "$work/out"; fi
inside() { case $1 in /nix/store/*) echo "$work/store$1" ;; *) echo "$1" ;; esac }

lines() { # NAME FILE: has the lines that the case is about
  local line missing=
  while IFS= read -r line; do
    case $line in
      '!'*) grep -qxF -- "${line#!}" "$2" && missing+=" [$line]" ;;
      *) grep -qxF -- "$line" "$2" || missing+=" [$line]" ;;
    esac
  done < <(jq -r --arg n "$1" '.[$n].has[]' "$work/cases.json")
  [ -z "$missing" ] || { echo "not so:$missing" && return 1; }
}
one() { # NAME CONFIGFILE TREE
  local d=$work/$1 wanted
  wanted=$(inside "$2")
  if [ "$(jq --arg n "$1" '.[$n].cross' "$work/cases.json")" = true ]; then
    config solve --configuration "$d/configuration.nix" -o "$d/solved" && lines "$1" "$d/solved"
    return
  fi
  if [ "$(jq --arg n "$1" '.[$n].manual' "$work/cases.json")" = true ]; then
    # A finished file is what the tree's olddefconfig makes of it, when the kernel is built.
    env -u KERNIX_TEST_LEAK PATH=/usr/bin:/bin "$KERNIX_BUILD/kernix" config solve --source "$(inside "$3")" --arch x86_64 --base "$wanted" -o "$d/manual" || return
    wanted=$d/manual
  fi
  lines "$1" "$wanted" || return
  config solve --configuration "$d/configuration.nix" -o "$d/solved" || return
  diff -u "$wanted" "$d/solved" | head -n 20
  cmp -s "$wanted" "$d/solved" || return
  config check "$d/configuration.nix" -o "$d/checked" && cmp "$wanted" "$d/checked"
}
while read -r name file source; do check "$name" one "$name" "$file" "$source"; done <"$(inside "${built:-/dev/null}")"

# The other words answer for the same .config.
same() { # NAME WORD...: the words of the option that explain gives are those of the built .config
  local d=$work/defaults
  config explain "$1" --configuration "$d/configuration.nix" >"$work/said" && grep -qx "$1 = $2" "$work/said" || { cat "$work/said"; return 1; }
}
check "explain: a module that nobody asked for" same USER2 m
check "explain: the compiler of the build" same CC_ANSWERS 64
none() { # COMMAND...: says that nothing differs
  "$@" >"$work/said" 2>&1 && ! grep -q '^[-+ ][A-Z0-9_]* ' "$work/said" || { cat "$work/said"; return 1; }
}
check "compare: no difference to what is built" none config compare "$work/defaults/solved" --configuration "$work/defaults/configuration.nix" --all
check "diff takes a configuration, as it is built" none config diff "$work/defaults/configuration.nix" "$work/defaults/solved"
expect_fail "diff of two configurations" "USER2" none config diff "$work/defaults/configuration.nix" "$work/auto-off/configuration.nix"
trims() { config trim "$work/defaults/configuration.nix" --modules <(echo bus 1 0) --json >"$work/said" && jq -e '.go | index("SECOND")' "$work/said"; }
check "trim: what autoModules made a module may go" trims
usual() { NIX_PATH=nixpkgs=$PWD/nixpkgs:nixos-config=$work/auto-off/configuration.nix config explain USER2 >"$work/said" && grep -qx "USER2 = n" "$work/said" || { cat "$work/said"; return 1; }; }
check "nothing is named: nixos-config of the search path, as for nixos-rebuild" usual
included() { NIXOS_CONFIG=$work/none config explain USER2 -I "nixos-config=$work/auto-off/configuration.nix" >"$work/said" && grep -qx "USER2 = n" "$work/said" || { cat "$work/said"; return 1; }; }
check "-I nixos-config=FILE goes before" included
cat >"$work/overlay.nix" <<X
[ (final: previous: {
  linux_mine = previous.linux_debian.override { argsOverride = { version = "6.12.1"; src = $tree; }; enableCommonConfig = false; defconfig = "x86_64_defconfig"; preferBuiltin = true; };
  linuxPackages_mine = final.linuxPackagesFor final.linux_mine;
  linux_wrong = final.linux_mine.override { extraConfig = "NUMBER 99"; };
  linux_lenient = final.linux_wrong.override { ignoreConfigErrors = true; };
  linux_finished = final.linux_mine // { builtConfig = final.linux_mine.builtConfig.overrideAttrs (_: { finished = "1"; requests = "[]"; base = $work/finished.config; }); };
  hello = final.stdenv.mkDerivation { name = "hello"; };
  linux_alien = final.stdenv.mkDerivation { name = "alien"; passthru.configfile = ./none; };
}) ]
X
printf '#\n# Linux/x86 6.12.1 Kernel Configuration\n#\nCONFIG_NUMBER=40\nCONFIG_NET=y\nCONFIG_OF_THE_PACKAGER=y\n' >"$work/finished.config"
export NIX_PATH=$NIX_PATH:nixpkgs-overlays=$work/overlay.nix
attribute() { # ATTR
  local built
  built=$(timeout 120 "$bin/nix-build" --no-out-link '<nixpkgs>' -A "$1" 2>"$work/err") || { cat "$work/err"; return 1; }
  config solve -A "${1%.configfile}" -o "$work/solved" && diff -u "$(inside "$built")" "$work/solved"
}
check "-A of a kernel" attribute linux_mine.configfile
check "-A of a set" attribute linuxPackages_mine.kernel.configfile
check "-A of one whose errors are ignored" attribute linux_lenient.configfile
finished() { config solve -A linux_finished -o "$work/solved" 2>"$work/said" && cmp "$work/finished.config" "$work/solved" || { cat "$work/said"; return 1; }; }
check "-A of one that is prebuilt: its file, to the byte" finished
check "and diff takes that, too" none config diff linux_finished "$work/finished.config"
expect_fail "-A of one whose errors are not" "NUMBER: wanted 99" config check -A linux_wrong
expect_fail "an attribute in diff that cannot be as asked" "NUMBER: wanted 99" config diff linux_wrong linux_mine
included_overlay() { NIX_PATH=nixpkgs=$PWD/nixpkgs config explain BUILTIN -A linux_mine -I "nixpkgs-overlays=$work/overlay.nix" >"$work/said" && grep -qx "BUILTIN = y" "$work/said" || { cat "$work/said"; return 1; }; }
check "-A with an overlay of the search path" included_overlay
expect_fail "-A of what is no kernel" "'hello' is neither a kernel nor a set of kernel packages" config check -A hello
expect_fail "-A of a kernel that is made in another way" "neither by buildLinux nor by linuxManualConfig" config check -A linux_alien
finish
