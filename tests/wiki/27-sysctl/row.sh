# SPDX-License-Identifier: GPL-2.0-or-later
# what: a sysctl is set; a key that this kernel does not have is a warning
must "the same system as real Nix" same_system "$row/snippet.nix"
must "it is set" guest tcp_ecn '^1$'
