#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The wiki page's snippets, a row each: NN-NAME/ holds the snippet as the page has it. Every row must give the same .drv as
# real Nix; those that say something about a running kernel are looked for in one guest (guest.nix, probe.sh). A row that
# cannot be seen to its end yet says so and counts as skipped.
#   run.sh BUILD
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$(realpath "${1:-$here/../../build}")
nixpkgs=$(realpath "$here/../../nixpkgs")
work=$(mktemp -d "${TMPDIR:-/tmp}/kernix-wiki.XXXXXX")
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
store=${KERNIX_WIKI_STORE:-$work/store}
mkdir -p "$store" "$work/real"
export HOME=$work NIX_PATH=nixpkgs=$nixpkgs
passed=0 failed=0 skipped=0

ours() { NIX_REMOTE="local?root=$store" timeout "${limit:-120}" "$build/bin/$1" "${@:2}"; }
real() { NIX_REMOTE="local?root=$work/real" timeout 120 /usr/bin/nix-instantiate "$@"; }

same_drv() { # FILE: both evaluators name the same derivation
  local words=("$1") a b attr
  attr=$(sed -n 's/^# attr: //p' "$1")
  if grep -q '^# kind: configuration' "$1"; then words=("$nixpkgs/nixos" --arg configuration "$1" -A "${attr:-system}"); elif [ -n "$attr" ]; then words+=(-A "$attr"); fi
  a=$(ours nix-instantiate "${words[@]}" 2>"$work/err" | tail -n 1)
  b=$(real "${words[@]}" 2>>"$work/err" | tail -n 1)
  [ -n "$a" ] && [ "${a%%!*}" = "${b%%!*}" ]
}

guest() { # FACT PATTERN
  [ -f "$work/console" ] && tr -d '\r' <"$work/console" | sed -n "s/^FACT $1 //p" | grep -qE -- "$2"
}
both() { guest "$1" "$2" && guest "$3" "$4"; }

row() { # NAME WHAT CHECK...
  local name=$1 what=$2 file word=passed
  shift 2
  for file in "$here/$name"/*.nix; do
    [ -f "$file" ] || continue
    same_drv "$file" || { word="FAILED: $(basename "$file"): another .drv than real Nix, or none"; tail -n 3 "$work/err"; }
  done
  if [ "$word" = passed ] && [ $# != 0 ]; then "$@" >"$work/row.log" 2>&1 || { word="FAILED: $what"; tail -n 5 "$work/row.log"; }; fi
  case $word in passed) passed=$((passed + 1)) ;; *) failed=$((failed + 1)) ;; esac
  printf '%-26s %-74s %s\n' "$name" "$what" "$word"
}

evaluates() { [ "$(ours nix-instantiate --eval --strict -E "$1" 2>/dev/null)" = "$2" ]; }
names_are_there() { evaluates "with import <nixpkgs> { }; builtins.all (n: pkgs ? \${n}) (import $here/names.nix)" true; }
shell_says() { # FILE COMMAND PATTERN
  limit=900 ours nix-shell "$1" --run "$2" >"$work/shell.log" 2>&1
  grep -qE -- "$3" "$work/shell.log" || { tail -n 5 "$work/shell.log"; return 1; }
}
mismatch_is_told() {
  printf 'with import <nixpkgs> { }; fetchurl { url = "file://%s"; hash = ""; }' "$here/probe.sh" >"$work/empty.nix"
  ours nix-build "$work/empty.nix" --no-out-link >"$work/out" 2>&1
  grep -A2 'hash mismatch' "$work/out" | grep -q 'got: *sha256-'
}
develops() {
  cp "$nixpkgs/linux/modules/hello/"* "$work/"
  limit=900 ours nix-shell '<nixpkgs>' -A linux_debian_bin.dev --run \
    "make -C \$(nix-build -E '(import <nixpkgs> {}).linux_debian_bin.dev' --no-out-link)/lib/modules/*/build M=$work modules" &&
    [ -f "$work/hello.ko" ]
}

failed_config_is_kept() {
  cat >"$work/failing.nix" <<'N'
with import <nixpkgs> { };
(linux_debian.override { defconfig = "allnoconfig"; enableCommonConfig = false; structuredExtraConfig.NO_SUCH_OPTION = lib.kernel.yes; }).configfile
N
  limit=900 ours nix-build "$work/failing.nix" --no-out-link --keep-failed >"$work/out" 2>&1 && return 1
  kept=$(sed -n "s/.*note: keeping build directory '\(.*\)'.*/\1/p" "$work/out")
  grep 'error' "$work/out" | head -n 3
  grep -q NO_SUCH_OPTION "$work/out" && [[ $kept == */nix-build-linux-config-*.drv-* ]] && [ -n "$(ls "$kept")" ] && rm -rf "$kept"
}
menuconfig_runs() {
  cat >"$work/menuconfig.nix" <<'N'
with import <nixpkgs> {}; (linux_debian.override { defconfig = "allnoconfig"; enableCommonConfig = false; autoModules = false; }).overrideAttrs (o: {nativeBuildInputs=o.nativeBuildInputs ++ [ pkg-config ncurses ];})
N
  mkdir -p "$work/menu"
  (cd "$work/menu" && shell_says "$work/menuconfig.nix" \
    'unpackPhase && cd linux-* && patchPhase && make allnoconfig >/dev/null && TERM=linux timeout 60 make menuconfig </dev/null' 'Kernel Configuration')
}
compares() {
  local tree
  tree=$(limit=900 ours nix-build '<nixpkgs>' -A linux_debian.tree --no-out-link) || return 1
  ours nix-build '<nixpkgs>' -A linux_debian_bin --no-out-link >"$work/bin" || return 1
  "$build/kernix" config compare --source "$store$tree" --base allnoconfig "$store$(head -n 1 "$work/bin")/config" >"$work/out" 2>&1
  grep -q EXT4_FS "$work/out"
}
symvers_is_there() {
  local dev
  dev=$(limit=900 ours nix-build -E '(import <nixpkgs> {}).linux_debian_bin.dev' --no-out-link) &&
    grep -q 'module_layout' "$store${dev%%!*}"/lib/modules/*/build/Module.symvers 2>/dev/null ||
    grep -q 'module_layout' "$store$(dirname "$dev")"/"$(basename "$dev")"/src/linux-headers-*/Module.symvers
}
own_nixpkgs() {
  local words
  mkdir -p "$work/nixpkgs" && cp -r "$nixpkgs/." "$work/nixpkgs/" && cd "$work/nixpkgs" && git init -q &&
    git add -A && git -c user.name=x -c user.email=x@x commit -qm x || return 1
  cat >"$work/wip.nix" <<N
{ config, pkgs, ... }:
{
  boot = {
    kernelPackages = pkgs.wip.linuxPackages;
    extraModulePackages = with config.boot.kernelPackages; [ bbswitch ];
  };
  nixpkgs.config = {
    # Allow unfree modules
    allowUnfree = true;
    packageOverrides = pkgs: {
      wip = import (fetchGit { url = "$work/nixpkgs"; shallow = true;}) {
        config = config.nixpkgs.config;
      };
    };
  };
}
N
  words=("$nixpkgs/nixos" --arg configuration "$work/wip.nix" -A system)
  [ "$(ours nix-instantiate "${words[@]}" 2>"$work/err" | tail -n 1)" = "$(real "${words[@]}" 2>/dev/null | tail -n 1)" ]
}

if (limit=2400 ours nix-build "$nixpkgs/nixos" --arg configuration "$here/guest.nix" -A vm -o "$work/vm") >"$work/build.log" 2>&1; then
  NIX_REMOTE="local?root=$store" "$build/kernix" vm "$work/vm" --timeout 600 --check "$here/probe.sh" --log "$work/console" </dev/null >"$work/vm.log" 2>&1
else
  echo "the guest's system could not be built:"
  tail -n 15 "$work/build.log"
fi

row 01-default-kernel "the newest LTS series" evaluates '(import <nixpkgs/nixos> { configuration = { }; }).config.boot.kernelPackages.kernel.isLTS' true
row 02-latest-kernel "the newest release" evaluates 'with import <nixpkgs> { }; (import <nixpkgs/nixos> { configuration = '"$here"'/02-latest-kernel/snippet.nix; }).config.boot.kernelPackages.kernel.version == linux_latest.version' true
row 03-list-of-kernels "all names of the page" names_are_there
row 04-custom-modules "bbswitch is there for modprobe, acpi_call works" both bbswitch '[1-9]' acpi_call there
row 05-module-parameters "max_loop and blinkenlights have the values" both max_loop '^5$' blinkenlights '^(1|Y)$'
row 06-kernel-params "the command line has them in order" guest cmdline 'quiet splash usbcore.blinkenlights=1'
row 07-sysrq "kernel.sysrq is 1; earlyoom and systemd-oomd are enabled" both sysrq '^1$' units 'earlyoom.service.*systemd-oomd.service'
row 08-kernel-patches "the five options are asked for" evaluates 'let k = (import <nixpkgs/nixos> { configuration = '"$here"'/08-kernel-patches/snippet.nix; }).config.boot.kernelPackages.kernel; in builtins.length (builtins.filter (r: r.why == "kernel patch '"'crashdump-config'"' (extraConfig)") k.requests)' 5
row 09-overlay "evaluates as it is"
row 10-pinning "the same source path as Nix gives" evaluates '(import <nixpkgs/nixos> { configuration = '"$here"'/10-pinning/snippet.nix; }).config.boot.kernelPackages.kernel.modDirVersion' '"4.19.60"'
row 11-failed-configuration "the build directory is kept, the option named" failed_config_is_kept
row 12-cross-shell "evaluates as it is; gcc 8 is replaced with a warning"
row 13-menuconfig "unpackPhase, patchPhase and make menuconfig in the shell" menuconfig_runs
row 14-xconfig "evaluates as it is"
row 15-comparison "kernix config compare with Debian's own configuration" compares
row 16-custom-source "an empty hash ends in 'hash mismatch' with the right one" mismatch_is_told
row 17-packaging-a-module "the same shape from Debian's archive loads: v4l2loopback" guest video /dev/video0
row 18-developing-a-module "hello.ko is built against linux.dev; hello and bye in the log" eval 'develops && both hello "[1-9]" bye "[1-9]"'
row 19-module-symvers "Module.symvers is in linux.dev" symvers_is_there
row 20-loading-modules "dummy in stage 1, dm_writeboost in stage 2" both stage1 dummy loaded dm_writeboost
row 21-own-nixpkgs "a package set from a local git repository, as real Nix has it" own_nixpkgs
row 22-cross-compiling "evaluates as it is; makeFlags have ARCH and CROSS_COMPILE" evaluates 'toString (import <nixpkgs> { }).pkgsCross.aarch64-multiplatform.linux.makeFlags' '"ARCH=arm64 CROSS_COMPILE=aarch64-unknown-linux-gnu-"'
row 23-clang "the kernel would be built with clang" evaluates 'with import <nixpkgs> { }; (linux.override { stdenv = clang11Stdenv; }).makeFlags != linux.makeFlags' true
row 24-extending-the-set "the override reaches the set's package" evaluates 'with import <nixpkgs> { }; builtins.elem "--enable-debug" (linuxPackages.extend (s: p: { zfsUnstable = p.zfsUnstable.overrideAttrs (o: { configureFlags = o.configureFlags ++ [ "--enable-debug" ]; }); })).zfsUnstable.configureFlags' true
row 26-replacing-a-module "the guest loads the replaced ifb" guest ifb '[1-9]'
row 27-sysctl "net.ipv4.tcp_ecn is 1" guest tcp_ecn '^1$'
[ "$failed" = 0 ] || [ ! -f "$work/console" ] || tr -d '\r' <"$work/console" | tail -n 40
echo "rows: $passed passed, $failed failed; not in this table: 25 28 29"
[ -z "${KERNIX_REPORT:-}" ] || echo "$passed $failed $skipped" >"$KERNIX_REPORT"
[ "$failed" = 0 ]
