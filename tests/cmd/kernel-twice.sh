#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The demo's kernel and its .config, built once more from nothing, are the same to the byte (nix-store --realise --check). After the demo.
set -u
cd "$KERNIX_SRC" || exit 1
. tests/cmd/lib.sh
export NIX_REMOTE="local?root=${KERNIX_DEMO_ROOT:-$PWD/.kernix/demo}" NIX_PATH=nixpkgs=$PWD/nixpkgs
attr() {
  "$bin/nix-instantiate" -E "(import <nixpkgs/nixos> { configuration = ./examples/demo/configuration.nix; }).config.$1" 2>/dev/null
}
for what in system.build.kernel.configfile system.build.initialRamdisk system.build.kernel; do
  drv=$(attr "$what")
  check "$what twice" "$bin/nix-store" --realise --check "${drv%%!*}"
done
finish
