# SPDX-License-Identifier: GPL-2.0-or-later
# what: a kernel for arm64: $makeFlags has ARCH and CROSS_COMPILE
must "the same shell as real Nix" same "$row/snippet.nix"
must "makeFlags" is '"ARCH=arm64 CROSS_COMPILE=aarch64-unknown-linux-gnu-"' value 'toString (import <nixpkgs> { }).pkgsCross.aarch64-multiplatform.linux.makeFlags'
