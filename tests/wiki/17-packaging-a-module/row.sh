# SPDX-License-Identifier: GPL-2.0-or-later
# what: packaging an out-of-tree module; the same shape from Debian's archive loads
must "the same system as real Nix" same_system "$row/snippet.nix"
must "v4l2loopback makes its device" guest video /dev/video0
