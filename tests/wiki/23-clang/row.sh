# SPDX-License-Identifier: GPL-2.0-or-later
# what: a kernel compiled with clang says so in /proc/version
must "the same shell as real Nix" same "$row/snippet.nix"
must "clang 11 has a stand-in, with a warning" says same.ours 'clang 11 is not on this machine; using clang [0-9]+'
must "offline, the source is named" offline fails "unable to download .linux-[0-9]" ours nix-shell "$row/snippet.nix" --run true
must "other flags" is true value 'with import <nixpkgs> { }; (linux.override { stdenv = clang11Stdenv; }).makeFlags != linux.makeFlags'

mkdir tree
must "make defconfig in the shell" shell_says "$row/shell.nix" --run 'make -C $tree O=$PWD/tree $makeFlags defconfig -j $(nproc)' -- 'configuration written to .config'
must "it is clang's" says tree/.config '^CONFIG_CC_IS_CLANG=y'
must "and lld's" says tree/.config '^CONFIG_LD_IS_LLD=y'

must "the same system as real Nix" same_system "$row/small.nix"
limit=1400
must "it is built" ours nix-build "$nixpkgs/nixos" --arg configuration "$row/small.nix" -A vm -o vm
echo 'cat /proc/version' >probe
must "it boots" kernix vm ./vm --timeout 300 --check probe --log console
must "clang and lld" says console '^Linux version .*clang version [0-9.]+.*LLD'
