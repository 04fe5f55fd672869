# SPDX-License-Identifier: GPL-2.0-or-later
# what: an in-tree module, packaged alone and patched, is loaded in place of the kernel's own
must "the same system as real Nix" same_system "$row/snippet.nix"
must "the guest loads the patched one" guest minix '[1-9]'
must "the build says so" says "$work/guest.log" "fs/minix/minix.ko.* gives way to that of .*minix-kernel-module"
