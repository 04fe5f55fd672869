# SPDX-License-Identifier: GPL-2.0-or-later
# what: hello.ko is made by hand against linux.dev; insmod says hello world!, rmmod bye world!
must "the same linux.dev as real Nix" same "$row/snippet.nix"
must "the same for another kernel" same "$row/latest.nix"
must "the guest has it" guest end 1
must "make in nix-shell made hello.ko" test -f "$work/hello/hello.ko"
must "insmod" guest hello '\] hello world!'
must "rmmod" guest bye '\] bye world!'
