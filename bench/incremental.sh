#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a change of a kernel costs with kept objects: CPU time of its build against the clean build's, in one run, and whether
# the result is that of a clean build to the byte (each is built once more with --check, which is always clean).
# incremental.sh BUILD [CONFIG [ROWS]]: CONFIG is defconfig (hours) or allnoconfig; ROWS: which rows, all by default.
# INCREMENTAL_SOURCE is the source (a tar file), by default that of Debian's package linux-source-6.12; with INCREMENTAL_NEXT,
# another point release, there is a row for it. INCREMENTAL_CHECK=no leaves the comparisons out.
set -eu
cd "$(dirname "$0")/.."
build=$(realpath "$1") config=${2:-defconfig} rows=${3:-nothing driver ikconfig file some-header comment wide-header numa next back}
source=${INCREMENTAL_SOURCE:-/usr/src/linux-source-6.12.tar.xz}
work=$(mktemp -d "${TMPDIR:-/tmp}/incremental.XXXXXX")
chmod 711 "$work"
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
export PATH=$build/bin:/usr/sbin:/usr/bin:/sbin:/bin NIX_PATH=nixpkgs=$PWD/nixpkgs NIX_CONF_DIR=$work/etc NIX_REMOTE="local?root=$work/root"
mkdir -p "$NIX_CONF_DIR"

version_of() { tar -xOf "$1" --wildcards --no-wildcards-match-slash '*/Makefile' --occurrence=1 | sed -n 's/^\(VERSION\|PATCHLEVEL\|SUBLEVEL\) = //p' | paste -sd.; }
version=$(version_of "$source")
cat >"$work/kernel.nix" <<'X'
{ source, version, config, options ? "", patches ? [ ] }:
with import <nixpkgs> { };
buildLinux {
  inherit version;
  modDirVersion = version;
  src = /. + source;
  defconfig = config;
  enableCommonConfig = false;
  autoModules = false;
  kernelPatches = map (patch: { name = baseNameOf patch; inherit patch; }) patches;
  extraConfig = "MODULES y\n" + builtins.replaceStrings [ ";" ] [ "\n" ] options;
}
X

patch_of() { # FILE SED-SCRIPT: a patch that does that
  local name
  name=$(tr / - <<<"$1").patch
  mkdir -p "$work/a/$(dirname "$1")" "$work/b/$(dirname "$1")"
  tar -xOf "$source" --wildcards --no-wildcards-match-slash "*/$1" --occurrence=1 >"$work/a/$1"
  sed "$2" "$work/a/$1" >"$work/b/$1"
  (cd "$work" && diff -u "a/$1" "b/$1" >"$name") || true
  echo "[ $work/$name ]"
}

# measured NAME WANT [ARG...]: the inputs first, then the kernel alone
measured() {
  local name=$1 want=$2 drv cpu verdict=
  shift 2
  drv=$(nix-instantiate "$work/kernel.nix" --argstr config "$config" --argstr source "$source" --argstr version "$version" "$@" 2>/dev/null)
  drv=${drv%%!*}
  nix-store -q --references "$drv" | grep '\.drv$' | xargs nix-store --realise >/dev/null 2>&1
  cpu=$("$build/measure" bash -c 'nix-store --realise "$1" --option incremental true 2>"$2"' bash "$drv" "$work/said" | cut -d' ' -f1)
  [ -n "${clean:-}" ] || clean=$cpu
  if [ "${INCREMENTAL_CHECK:-yes}" = yes ]; then
    verdict=identical
    nix-store --realise --check "$drv" >/dev/null 2>&1 || verdict=DIFFERS
  fi
  awk -v n="$name" -v c="$cpu" -v a="$clean" -v w="$want" -v v="$verdict" 'BEGIN { printf "| %-48s | %8.1f | %6.1f %% | %6s | %9s |\n", n, c, 100 * c / a, w, v }'
  sed -n 's/^note: /    /p' "$work/said"
}

echo "| $config of $version: change | CPU s | of clean | at most | |"
echo "|---|---|---|---|---|"
measured "clean" ""
for row in $rows; do
  case $row in
    nothing) measured "nothing" 0 ;;
    driver)
      measured "a driver out" 3 --argstr options "DUMMY m;IP_FIB_TRIE_STATS n;CRC_ITU_T m"
      measured "and back" 3 --argstr options "CRC_ITU_T n"
      ;;
    ikconfig) measured "IKCONFIG" 5 --argstr options "IKCONFIG y" ;;
    file) measured "a patch on a file" 4 --arg patches "$(patch_of kernel/sched/core.c '$a int incremental_probe;')" ;;
    some-header) measured "a header that some fifty files include" 8 --arg patches "$(patch_of include/linux/dmaengine.h '$i extern int incremental_probe;')" ;;
    comment) measured "a comment in mmzone.h" 40 --arg patches "$(patch_of include/linux/mmzone.h '1a /* A comment. */')" ;;
    wide-header) measured "a header of a third of the kernel" "" --arg patches "$(patch_of include/linux/device.h '$i extern int incremental_probe;')" ;;
    numa) measured "NUMA_BALANCING" "" --argstr options "NUMA_BALANCING y" ;;
    next)
      [ -n "${INCREMENTAL_NEXT:-}" ] || continue
      source=$INCREMENTAL_NEXT
      version=$(version_of "$source")
      measured "the point release $version" ""
      ;;
    back)
      nix-collect-garbage --max-freed 1K >/dev/null 2>&1 || true
      measured "back: IKCONFIG with a driver" 5 --argstr options "IKCONFIG y;CRC_ITU_T n"
      ;;
    *) echo "no row '$row'" >&2 && exit 1 ;;
  esac
done
