# SPDX-License-Identifier: GPL-2.0-or-later
# what: nix-shell enters the FHS environment; make ARCH=arm64 works inside; gcc 8 becomes the oldest that there is
must "the same shell as real Nix" same "$row/snippet.nix"
must "gcc 8 is replaced with a warning" says same.ours 'gcc 8 is not on this machine'
