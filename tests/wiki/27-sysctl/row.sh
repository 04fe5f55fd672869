# SPDX-License-Identifier: GPL-2.0-or-later
# what: a sysctl is set; a key that this kernel does not have is a warning
must "the same system as real Nix" same_system "$row/snippet.nix"
must "it is set" guest tcp_ecn '^1$'
must "an unknown key is named at build time" guest_warns "boot.kernel.sysctl: this kernel does not have the key 'net.ipv4.no_such_key'"
must "a known one is not" not guest_warns "tcp_ecn"
