# SPDX-License-Identifier: GPL-2.0-or-later
# what: no boot.kernelPackages: the newest LTS series that kernel.org still maintains
must "the same system as real Nix" same_system "$row/snippet.nix"
must "it is an LTS kernel" is true option "$row/snippet.nix" boot.kernelPackages.kernel.isLTS
