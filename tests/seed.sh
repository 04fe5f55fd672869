# SPDX-License-Identifier: GPL-2.0-or-later
# seed_store: build roots for private stores. A root is some hundred MB to download and half a GB to unpack: one store of the
# machine has it (.kernix/roots, or $KERNIX_ROOTS), and others take it over by hard links and a row of their database. To be sourced.

# seed_store ROOT NAME...: the build roots NAME (debian-13-amd64) for the private store whose files are below ROOT.
seed_store() {
  local to=$1 from=${KERNIX_ROOTS:-$KERNIX_SRC/.kernix/roots} name path
  shift
  mkdir -p "$from" "$to/nix/store"
  chmod 711 "$from"
  for name; do
    path=$(NIX_PATH=nixpkgs=$KERNIX_SRC/nixpkgs "$KERNIX_BUILD/bin/nix-build" --store "local?root=$from" -o "$from/$name" \
      '<nixpkgs>' -A "buildRoots.$name" | tail -n 1)
    [ -n "$path" ] && [ -d "$from$path" ] || return 1
    [ -e "$to$path" ] || cp -al "$from$path" "$to$path" 2>/dev/null || { rm -rf "${to:?}$path" && cp -a "$from$path" "$to$path"; } || return 1
    "$KERNIX_BUILD/bin/nix-store" --store "local?root=$from" --dump-db "$path" |
      sed '4s/.*//' | "$KERNIX_BUILD/bin/nix-store" --store "local?root=$to" --load-db || return 1
  done
}
