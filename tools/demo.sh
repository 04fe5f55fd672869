#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The main job on real input: the kernel that examples/demo/configuration.nix declares is built from Debian's kernel source, booted in QEMU, and
# what the guest shows is compared with what was declared. State goes to .kernix/ in the project: a private store, nothing of the machine's.
set -eu
cd "$(dirname "$0")/.."
bin=$PWD/$1/bin
config=${KERNIX_DEMO_CONFIG:-$PWD/examples/demo/configuration.nix}
root=${KERNIX_DEMO_ROOT:-$PWD/.kernix/demo}
export NIX_REMOTE="local?root=$root" NIX_PATH="nixpkgs=$PWD/nixpkgs:nixos-config=$config" NIXOS_CONFIG=$config
mkdir -p "$root"
start=$SECONDS

echo "demo: $config"
echo "demo: the store is $root (nix-store --store 'local?root=$root' ...)"
echo "demo: evaluating and building (the first time: source, kernel, modules, initrd, system; minutes)"
"$bin/nix-build" '<nixpkgs/nixos>' -A vm -o .kernix/demo-result >/dev/null
echo "demo: built after $((SECONDS - start)) s, booting in QEMU"
exec "$bin/../kernix" vm .kernix/demo-result --facts
