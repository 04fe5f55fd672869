# SPDX-License-Identifier: GPL-2.0-or-later
# what: hello.ko is built against linux.dev; hello world and bye world in the guest's log
must "the same linux.dev as real Nix" same "$row/snippet.nix"
must "the same for another kernel" same "$row/latest.nix"
cp "$nixpkgs/linux/modules/hello/"* .
limit=900 must "make modules in the shell" ours nix-shell '<nixpkgs>' -A linux_debian_bin.dev --run \
  "make -C \$(nix-build -E '(import <nixpkgs> {}).linux_debian_bin.dev' --no-out-link)/lib/modules/*/build M=$PWD modules"
must "hello.ko is there" test -f hello.ko
must "insmod greets" guest hello '[1-9]'
must "rmmod says good bye" guest bye '[1-9]'
