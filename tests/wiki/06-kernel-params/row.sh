# SPDX-License-Identifier: GPL-2.0-or-later
# what: the kernel's command line, in order
must "the same system as real Nix" same_system "$row/snippet.nix"
must "in order" guest cmdline 'quiet splash usbcore.blinkenlights=1'
