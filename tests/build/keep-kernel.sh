#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Random walks over options and patches of a small kernel that begins with kept objects: each step is built once more with
# --check, which is always clean, and must be the same to the byte. KEEP_KERNEL_STEPS: how many (5); KEEP_SEED: which.
set -u
cd "$KERNIX_SRC" || exit 1
. tests/cmd/lib.sh
source=${KEEP_KERNEL_SOURCE:-/usr/src/linux-source-6.12.tar.xz}
[ -e "$source" ] || { echo "no $source"; exit 77; }
export NIX_REMOTE="local?root=$work/kept" NIX_PATH=nixpkgs=$PWD/nixpkgs
RANDOM=${KEEP_SEED:-1}
declare -A on=()
patches=()
options=(IKCONFIG FUTEX EPOLL PROC_FS PRINTK BUG POSIX_TIMERS KALLSYMS MODULE_UNLOAD CRC7 SYSFS SHMEM NET MULTIUSER KEXEC)
files=(lib/sort.c lib/string.c init/main.c kernel/exit.c include/linux/sort.h include/linux/list.h include/linux/bitmap.h)

cat >"$work/kernel.nix" <<'X'
{ source, on, patches, version ? "6.12.117" }:
with import <nixpkgs> { };
buildLinux {
  inherit version;
  modDirVersion = version;
  src = /. + source;
  defconfig = "allnoconfig";
  enableCommonConfig = false;
  autoModules = false;
  kernelPatches = map (patch: { name = baseNameOf patch; inherit patch; }) patches;
  structuredExtraConfig = with lib; genAttrs ([ "EXPERT" "64BIT" "MODULES" ] ++ on) (_: kernel.option kernel.yes) // { CRC_ITU_T = kernel.module; };
}
X

make_patch() { # FILE N: a line at its end, or a comment at its begin
  mkdir -p "$work/a/$(dirname "$1")" "$work/b/$(dirname "$1")"
  tar -xOf "$source" --wildcards --no-wildcards-match-slash "*/$1" --occurrence=1 >"$work/a/$1"
  case $1 in
    *.h) sed "1i /* $2 */" "$work/a/$1" >"$work/b/$1" ;;
    *) { cat "$work/a/$1"; echo "int kept_objects_$2;"; } >"$work/b/$1" ;;
  esac
  (cd "$work" && diff -u "a/$1" "b/$1" >"p$2.patch")
  patches+=("$work/p$2.patch")
}

change() { # N
  local option
  case $((RANDOM % 3)) in
    0) make_patch "${files[RANDOM % ${#files[@]}]}" "$1" ;;
    1) patches=() ;;
    *)
      option=${options[RANDOM % ${#options[@]}]}
      if [ -n "${on[$option]:-}" ]; then unset "on[$option]"; else on[$option]=1; fi
      echo "    $option ${on[$option]:-off}"
      ;;
  esac
}

step() { # NAME
  local drv
  drv=$("$bin/nix-instantiate" "$work/kernel.nix" --argstr source "$source" --arg on "[ $(printf '"%s" ' "${!on[@]}") ]" --arg patches "[ ${patches[*]} ]" 2>"$work/err") ||
    bad "$1: no derivation" "$work/err"
  drv=${drv%%!*}
  check "$1" "$bin/nix-store" --realise "$drv" --option incremental true
  check "$1: the same as clean" "$bin/nix-store" --realise --check "$drv"
}

on[PRINTK]=1
step "first"
for ((i = 1; i <= ${KEEP_KERNEL_STEPS:-5}; i++)); do
  change "$i"
  step "step $i"
done
finish
