# SPDX-License-Identifier: GPL-2.0-or-later
# what: a module of the kernel's own name takes its place
must "the same system as real Nix" same_system "$row/snippet.nix"
must "the guest loads the replaced ifb" guest ifb '[1-9]'
