# SPDX-License-Identifier: GPL-2.0-or-later
# what: a kernel compiled with clang
must "the same shell as real Nix" same "$row/snippet.nix"
must "other flags" is true value 'with import <nixpkgs> { }; (linux.override { stdenv = clang11Stdenv; }).makeFlags != linux.makeFlags'
