# SPDX-License-Identifier: GPL-2.0-or-later
# what: an overlay with structuredExtraConfig; ignoreConfigErrors makes a warning of an error
must "the same system as real Nix" same_system "$row/snippet.nix"
