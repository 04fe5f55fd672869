# SPDX-License-Identifier: GPL-2.0-or-later
# what: a module of the kernel's tree built by itself, patched, in a small part of the kernel's time
must "the same package as real Nix" same "$row/snippet.nix"
must "offline, the source is named" offline fails "unable to download .linux-[0-9]" ours nix-build "$row/snippet.nix" --no-out-link
must "the same system as real Nix" same_system "$row/small.nix"

limit=1400
must "the kernel is there" eval 'kernel=$(built -E "(import <nixpkgs/nixos> { configuration = $here/16-custom-source/small.nix; }).config.boot.kernelPackages.kernel")'
ours nix-build "$row/loop.nix" --no-out-link --dry-run >plan 2>&1
must "only the module is to be built" not grep -E -- '-linux-(config-)?[0-9.]+\.drv' plan
must "it is built" eval 'module=$(built "$row/loop.nix")'
ours nix-store --read-log "${module#"$store"}" >module.log
ours nix-store --read-log "${kernel#"$store"}" >kernel.log
compiled=$(grep -c '^ *CC ' module.log) all=$(grep -c '^ *CC ' kernel.log)
must "a small part of the kernel was compiled: $compiled of $all files" test "$all" -gt 300 -a "$compiled" -lt $((all / 8))
must "the module is there" eval 'ls "$module"/lib/modules/*-sgx/updates/loop.ko*'

must "a system with it" ours nix-build "$nixpkgs/nixos" --arg configuration "$row/small.nix" -A vm -o vm
cat >probe <<'P'
grep -c '^loop ' /proc/modules
dmesg | grep 'loop: the patched one'
P
must "it boots" kernix vm ./vm --timeout 300 --check probe --log console
must "the patched one is loaded" says console 'loop: the patched one'
