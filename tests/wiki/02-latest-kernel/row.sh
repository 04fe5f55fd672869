# SPDX-License-Identifier: GPL-2.0-or-later
# what: linuxPackages_latest is the newest release
must "the same system as real Nix" same_system "$row/snippet.nix"
must "it is the newest" is true value "with import <nixpkgs> { }; (import <nixpkgs/nixos> { configuration = $row/snippet.nix; }).config.boot.kernelPackages.kernel.version == linux_latest.version"
