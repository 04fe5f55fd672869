# SPDX-License-Identifier: GPL-2.0-or-later
# what: the kernel's command line, in order; a built-in module's parameter takes effect
must "the same system as real Nix" same_system "$row/snippet.nix"
must "in order" guest cmdline 'tcp_cubic.fast_convergence=0 .*quiet splash usbcore.blinkenlights=1'
must "a built-in module has it" guest cubic '^0$'
