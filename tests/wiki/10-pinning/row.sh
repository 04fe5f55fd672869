# SPDX-License-Identifier: GPL-2.0-or-later
# what: a pinned version: Nix's own source path, mirrors in turn, a wrong modDirVersion is told
must "the same system as real Nix" same_system "$row/snippet.nix"
must "the pinned version" is '"4.19.60"' option "$row/snippet.nix" boot.kernelPackages.kernel.modDirVersion
