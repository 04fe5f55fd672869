# SPDX-License-Identifier: GPL-2.0-or-later
# what: the page's package evaluates as it is; one of that shape, with a source of Debian's archive, loads
must "the same system as real Nix" same_system "$row/snippet.nix"
must "v4l2loopback makes its device" guest video /dev/video0
without='with import <nixpkgs> { }; (linuxPackages_debian_bin.callPackage '"$here"'/packages/v4l2loopback.nix { }).overrideAttrs (o: { makeFlags = lib.init o.makeFlags; })'
must "without INSTALL_MOD_PATH: the error that the page names" fails "mkdir: cannot create directory .?/lib" ours nix-build -E "$without" --no-out-link
must "and what to do" says fails.log 'add "INSTALL_MOD_PATH=\$\(out\)" to makeFlags'
