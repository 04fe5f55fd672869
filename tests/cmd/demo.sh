#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The main job, whole: the demo runs to its last line, real Nix finds nothing wrong with the store that it left, a second run rebuilds nothing,
# and what is no business of the kernel does not rebuild it.
set -u
cd "$KERNIX_SRC" || exit 1
. tests/cmd/lib.sh
root=${KERNIX_DEMO_ROOT:-$PWD/.kernix/demo}
store="local?root=$root"
build=${KERNIX_BUILD#"$PWD"/}

if tools/demo.sh "$build" >"$work/demo" 2>&1; then ok "the demo"; else bad "the demo" "$work/demo"; fi
sed -n '/^declared/,$p' "$work/demo"
n=$(sed -n 's/^demo: \([0-9]*\) of \([0-9]*\) declared facts seen in the running kernel$/\1 \2/p' "$work/demo" | tail -n 1)
set -- ${n:-0 1}
[ "$1" = "$2" ] && [ "$1" -ge 15 ] && ok "$1 of $2 facts" || bad "facts: $n"

export NIX_REMOTE=$store NIX_PATH=nixpkgs=$PWD/nixpkgs
real() { env -u NIX_REMOTE "$@" --store "$store" --option build-users-group ''; }
if real nix-store --verify --check-contents >"$work/out" 2>&1 && ! grep -qE 'not valid|modified|missing|disappeared|error' "$work/out"; then
  ok "real nix-store --verify --check-contents finds nothing"
else bad "real nix-store --verify" "$work/out"; fi
result=$(cat .kernix/demo-out)
real nix-store -qR "$result" 2>/dev/null | sort >"$work/a"
"$bin/nix-store" -qR "$result" | sort >"$work/b"
if [ -s "$work/a" ] && cmp -s "$work/a" "$work/b"; then ok "-qR as real Nix: $(wc -l <"$work/a") paths"; else bad "-qR differs"; fi

start=$(date +%s%N)
NIXOS_CONFIG=$PWD/examples/demo/configuration.nix "$bin/nix-build" '<nixpkgs/nixos>' -A vm --no-out-link >"$work/out" 2>&1
ms=$((($(date +%s%N) - start) / 1000000))
if grep -q building "$work/out"; then bad "a second run builds" "$work/out"; else ok "a second run builds nothing ($ms ms)"; fi
[ "$ms" -lt 5000 ] && ok "and is there within 5 s" || bad "a second run takes $ms ms before QEMU"

# What 'kernix config' says of it is the .config with which it was compiled.
kernel=$("$bin/nix-build" '<nixpkgs/nixos>' -A config.boot.kernelPackages.kernel -I nixos-config=examples/demo/configuration.nix --no-out-link 2>"$work/out")
"$KERNIX_BUILD/kernix" config solve --configuration examples/demo/configuration.nix -o "$work/solved" 2>"$work/out"
cmp "$root$kernel/config" "$work/solved" >>"$work/out" 2>&1 && ok "kernix config solve gives the kernel's .config" || bad "kernix config solve gives another .config" "$work/out"

unchanged() { # WHAT TEXT: the demo with TEXT added must not build the kernel again
  printf '{ config, lib, pkgs, ... }:\n{\n  imports = [ %s/examples/demo/configuration.nix ];\n  %s\n}\n' "$PWD" "$2" >"$work/c.nix"
  NIXOS_CONFIG=$work/c.nix "$bin/nix-build" '<nixpkgs/nixos>' -A system --no-out-link --dry-run >"$work/out" 2>&1
  if grep -q 'nixos-system' "$work/out" && ! grep -qE -- '-linux-(config-|source-)?6\.[0-9.]+\.drv' "$work/out"; then ok "$1 rebuilds no kernel"; else bad "$1" "$work/out"; fi
}
unchanged "a changed sysctl" 'boot.kernel.sysctl."kernel.sysrq" = lib.mkForce 2;'
unchanged "a kernel parameter" 'boot.kernelParams = [ "debug" ];'
unchanged "a module list" 'boot.kernelModules = [ "dummy" ]; boot.initrd.availableKernelModules = [ "loop" ];'
finish
