#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Bad input to the main job: each must fail with a message that says what and where, and leave nothing half made. Runs after the demo, in its
# store (the kernel source is there already).
set -u
cd "$KERNIX_SRC" || exit 1
. tests/cmd/lib.sh
demo=$PWD/examples/demo
export NIX_REMOTE="local?root=${KERNIX_DEMO_ROOT:-$PWD/.kernix/demo}" NIX_PATH=nixpkgs=$PWD/nixpkgs
[ -d "${KERNIX_DEMO_ROOT:-$PWD/.kernix/demo}/nix/store" ] || { echo "the demo has to run first"; exit 77; }

config() { # TEXT: a configuration that adds TEXT to the demo
  printf '{ config, lib, pkgs, ... }:\n{\n  imports = [ %s/configuration.nix ];\n%s\n}\n' "$demo" "$1" >"$work/configuration.nix"
}
build() { timeout 300 "$bin/nix-build" '<nixpkgs/nixos>' -A "${1:-system}" -I "nixos-config=$work/configuration.nix" --no-out-link "${@:2}"; }
keep_failed() { TMPDIR=/tmp build system --keep-failed; }
export NIXOS_CONFIG=$work/configuration.nix

config '  boot.kernelParms = [ "quiet" ];'
expect_fail "misspelt option" "boot.kernelParms|does not exist|configuration.nix:4:|boot.kernelParams" build
config '  boot.kernelParams = "quiet";'
expect_fail "wrong type" "boot.kernelParams|is not of type|configuration.nix:4:" build
config '  boot.kernel.sysctl."kernel.sysrq" = [ 1 ];'
expect_fail "wrong type below a freeform option" "kernel.sysrq|is not of type|configuration.nix:4:" build
config '  boot.kernelPatches = [ { name = "mine"; patch = ./missing.patch; } ];'
expect_fail "patch that is not there" "mine|missing.patch|does not exist|configuration.nix:4:" build
config '  boot.kernelPatches = [ { name = "mine"; patch = null; extraconfig = ""; } ];'
expect_fail "misspelt attribute of a patch" "mine|extraconfig|configuration.nix:4:|extraConfig" build

config '  boot.kernelPatches = [ { name = "x"; patch = null; structuredExtraConfig.NO_SUCH_THING_AT_ALL = lib.kernel.yes; } ];'
expect_fail "unknown CONFIG option" "NO_SUCH_THING_AT_ALL|no such option" build
config '  boot.kernelPatches = [ { name = "mine"; patch = null; structuredExtraConfig.NFS_FS = lib.kernel.yes; } ];'
expect_fail "CONFIG option with unmet dependencies" "NFS_FS|fs/nfs/Kconfig|NETWORK_FILESYSTEMS|mine" build
config '  boot.kernelPatches = [ { name = "mine"; patch = null; extraConfig = "NFS_FS y"; } ];'
expect_fail "the same with keep-failed" "note: keeping build directory '/tmp/nix-build-linux-config-6.12|NFS_FS" keep_failed
kept=$(sed -n "s/.*keeping build directory '\([^']*\)'.*/\1/p" "$work/out")
if [ -n "$kept" ] && [ -n "$(ls -A "$kept" 2>/dev/null)" ]; then ok "something to look at in it"; else bad "nothing in $kept"; fi
case $kept in /tmp/nix-build-linux-config-*) rm -rf "$kept" ;; esac

config '  boot.initrd.kernelModules = [ "no_such_module" ];'
expect_fail "module of the initrd that does not exist" "no_such_module|boot.initrd.kernelModules" build
config '  boot.kernelPatches = [ { name = "bad"; patch = ./bad.patch; } ];'
printf -- '--- a/init/main.c\n+++ b/init/main.c\n@@ -1,3 +1,3 @@\n one\n-int this_was_never_there;\n+int nor_this;\n two\n' >"$work/bad.patch"
expect_fail "patch that does not apply" "bad.patch|init/main.c" build system

cat >"$work/fod.nix" <<X
derivation { name = "x"; system = "builtin"; builder = "builtin:fetchurl"; url = "file://$work/source";
  outputHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="; outputHashMode = "flat"; }
X
chmod 711 "$work" # the source is read by the user that builds
echo some text >"$work/source"
want="hash mismatch|specified: sha256-AAAA|got:    sha256-"
expect_fail "hash of a source that does not match" "$want" "$bin/nix-build" --no-out-link "$work/fod.nix"
cat >"$work/fail.nix" <<'X'
derivation { name = "fails"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo first; echo the last words; exit 3" ]; }
X
expect_fail "failing builder" "the last words|exit code 3|nix-store --read-log" "$bin/nix-build" --no-out-link "$work/fail.nix"
expect_fail "infinite recursion" "infinite recursion" "$bin/nix-instantiate" --eval -E 'let x = x; in x'
{ printf '(%.0s' $(seq 100000); echo 1; } >"$work/parens.nix"
expect_fail "100,000 parentheses that do not close" "error" timeout 60 "$bin/nix-instantiate" --eval "$work/parens.nix"
{ printf '(%.0s' $(seq 100000); printf 1; printf ')%.0s' $(seq 100000); } >"$work/parens.nix"
timeout 60 "$bin/nix-instantiate" --eval "$work/parens.nix" >"$work/out" 2>&1
case $? in 0 | 1) ok "100,000 nested parentheses end without a crash" ;; *) bad "100,000 nested parentheses" "$work/out" ;; esac
expect_fail "deep recursion" "stack overflow" "$bin/nix-instantiate" --eval -E 'let f = n: 1 + f (n + 1); in f 0'

left=$(find "${KERNIX_DEMO_ROOT:-$PWD/.kernix/demo}/nix/store" -maxdepth 1 \( -name '*.lock' -o -name '*.chroot' -o -name '.tmp*' \) | head -n 3)
if [ -z "$left" ]; then ok "nothing half made is left"; else bad "left behind: $left"; fi
finish
