# SPDX-License-Identifier: GPL-2.0-or-later
# what: a kernel from a source of one's own; an empty hash ends in 'hash mismatch' with the right one
must "the same system as real Nix" same_system "$row/snippet.nix"
must "the empty hash is told" says same.ours 'empty hash'
echo hello >file
must "a download says its hash" fails 'hash mismatch' ours nix-build -E "with import <nixpkgs> { }; fetchurl { url = \"file://$PWD/file\"; hash = \"\"; }" --no-out-link
grep -A2 'hash mismatch' fails.log >mismatch
must "got: two lines below" says mismatch 'got: *sha256-'
