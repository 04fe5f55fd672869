# SPDX-License-Identifier: GPL-2.0-or-later
# what: make $makeFlags in the shell configures for arm64; a system with a kernel for arm64 boots
must "the same shell as real Nix" same "$row/snippet.nix"
must "offline, the source is named" offline fails "unable to download .linux-[0-9]" ours nix-shell "$row/snippet.nix" --run true
must "makeFlags" is '"ARCH=arm64 CROSS_COMPILE=aarch64-unknown-linux-gnu-"' value 'toString (import <nixpkgs> { }).pkgsCross.aarch64-multiplatform.linux.makeFlags'

mkdir tree
must "make defconfig, and a file compiled" shell_says "$row/shell.nix" --run 'type gclang
  make -C $tree O=$PWD/tree $makeFlags defconfig -j $(nproc) &&
  make -C $tree O=$PWD/tree $makeFlags init/version.o -j $(nproc) && readelf -h tree/init/version.o' -- 'Machine: *AArch64'
must "gllvm is there" says shell.log 'gclang is /nix/store'
must "it is arm64's" says tree/.config '^CONFIG_ARM64=y'
must "with the compiler from the store" says tree/.config '^CONFIG_CC_VERSION_TEXT="aarch64-linux-gnu-gcc'

must "the same system as real Nix" same_system "$row/small.nix"
limit=1400
must "the system is built" ours nix-build "$nixpkgs/nixos" --arg configuration "$row/small.nix" -A system -o system
cat >probe <<'P'
echo "RUNS $(uname -m) $(uname -r)"
modprobe hello && dmesg | grep 'hello world!'
P
must "it boots in its own QEMU" kernix vm ./system --timeout 300 --check probe --log console
tr -d '\r' <console >said
must "the machine is arm64" says said '^RUNS aarch64 6\.'
must "a module from outside of the tree loads" says said 'hello world!'
