#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel that boot.kernix.hardware trimmed comes up in the machine whose report it was trimmed to: the demo's small kernel with every module that it may have, and a
# report of QEMU's machine. It compiles a kernel, so it is no part of a usual run.
set -u
cd "$KERNIX_SRC" || exit 1
. tests/cmd/lib.sh
export NIX_REMOTE="local?root=${KERNIX_DEMO_ROOT:-$PWD/.kernix/demo}" NIX_PATH=nixpkgs=$PWD/nixpkgs NIXOS_CONFIG=$PWD/tests/vm/trim/configuration.nix
"$KERNIX_BUILD/kernix" config trim "$NIXOS_CONFIG" --json >"$work/said" 2>"$work/out" || bad "config trim" "$work/out"
check "what QEMU's machine has stays, hundreds of modules go" jq -e '.machine.VIRTIO_BLK and (.stay + .machine | has("VIRTIO_NET")) and (.go | length) > 100 and ((.stay + .machine) | length) < 60' "$work/said"
"$bin/nix-build" '<nixpkgs/nixos>' -A vm --out-link "$work/vm" >"$work/out" 2>&1 || bad "the guest is built" "$work/out"
timeout 300 "$work"/vm/bin/run-*-vm </dev/null >"$work/console" 2>&1
check "it comes up with its root" grep -qa '^root: .* / ext4' "$work/console"
check "with the module that was declared" grep -qa '^dummy ' "$work/console"
finish
