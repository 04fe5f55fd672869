# SPDX-License-Identifier: GPL-2.0-or-later
# what: make xconfig
must "the same shell as real Nix" same "$row/snippet.nix"
