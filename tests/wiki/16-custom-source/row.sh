# SPDX-License-Identifier: GPL-2.0-or-later
# what: a kernel from a source of one's own; an empty hash ends in 'hash mismatch'; another source boots
must "the same system as real Nix" same_system "$row/snippet.nix"
must "the empty hash is told" says same.ours 'empty hash'
must "offline, the source is named and nothing else" offline fails "unable to download .https://github.com/jsakkine-intel/linux-sgx/archive/v23.tar.gz" ours nix-build "$nixpkgs/nixos" --arg configuration "$row/snippet.nix" -A system --no-out-link
echo hello >file
must "a download says its hash" fails 'hash mismatch' ours nix-build -E "with import <nixpkgs> { }; fetchurl { url = \"file://$PWD/file\"; hash = \"\"; }" --no-out-link
grep -A2 'hash mismatch' fails.log >mismatch
must "got: two lines below" says mismatch 'got: *sha256-'

must "the same shape with Debian's source as real Nix" same_system "$row/small.nix"
limit=1400
must "it is built" ours nix-build "$nixpkgs/nixos" --arg configuration "$row/small.nix" -A vm -o vm
cat >probe <<'P'
echo "RELEASE $(uname -r)"
zcat /proc/config.gz | grep -E '^CONFIG_LOCALVERSION='
P
must "it boots" kernix vm ./vm --timeout 300 --check probe --log console
tr -d '\r' <console >said
must "it is that kernel" says said '^RELEASE [0-9.]+-sgx$'
must "with the extraConfig" says said '^CONFIG_LOCALVERSION="-sgx"$'
