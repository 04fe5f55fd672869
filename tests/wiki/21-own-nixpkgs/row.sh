# SPDX-License-Identifier: GPL-2.0-or-later
# what: kernel and modules from a package set in a local git repository
cp -r "$nixpkgs" nixpkgs
chmod -R u+w nixpkgs
commit() { git -C nixpkgs init -q && git -C nixpkgs add -A && git -C nixpkgs -c user.name=x -c user.email=x@x commit -qm x; }
must "a repository" commit
sed "s|/home/user/nixpkgs|$PWD/nixpkgs|" "$row/snippet.nix" >wip.nix
must "the same system as real Nix" same_system "$PWD/wip.nix"
