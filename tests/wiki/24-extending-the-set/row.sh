# SPDX-License-Identifier: GPL-2.0-or-later
# what: linuxPackages.extend and an overlay reach the package of that kernel's set
must "the same package as real Nix" same "$row/snippet.nix" -A xpadneo
must "the same system as real Nix" same_system "$row/zfs.nix"
must "the flag is there" is true value 'with import <nixpkgs> { }; builtins.elem "--enable-debug" (linuxPackages.extend (s: p: { zfsUnstable = p.zfsUnstable.overrideAttrs (o: { configureFlags = o.configureFlags ++ [ "--enable-debug" ]; }); })).zfsUnstable.configureFlags'
