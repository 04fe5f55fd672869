# SPDX-License-Identifier: GPL-2.0-or-later
# Flakes for tests: the folders below inputs/ and people/ become git repositories below $work. Addresses of forges become those
# repositories, and nixpkgs what is asked for. Sourced; wants $work.
bin=${KERNIX_BUILD:?}/bin
src=${KERNIX_SRC:-$PWD}
flakes=$src/tests/flakes
export NIX_REMOTE="local?root=$work/root" HOME=$work/home XDG_CONFIG_HOME=$work/home/.config XDG_CACHE_HOME=$work/home/.cache NIX_CACHE_HOME=$work/home/cache NIX_PATH= NIX_CONF_DIR=$work/conf
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_DATE='1700000000 +0000' GIT_COMMITTER_DATE='1700000000 +0000'
export GIT_AUTHOR_NAME=n GIT_AUTHOR_EMAIL=n@n GIT_COMMITTER_NAME=n GIT_COMMITTER_EMAIL=n@n
passed=0 failed=0
mkdir -p "$work/home/.config/nix" "$work/conf"
ok() { passed=$((passed + 1)); }
bad() {
  failed=$((failed + 1))
  echo "FAIL: $1"
  [ -z "${2:-}" ] || printf '%s\n' "$2" | head -n "${3:-12}" | sed 's/^/    /'
}
is() { if [ "$2" = "$3" ]; then ok; else bad "$1" "want $2
got  $3"; fi; }
has() { # NAME WORDS FILE
  if grep -qF -- "$2" "$3"; then ok; else bad "$1: no '$2' in" "$(cat "$3")"; fi
}
finish() {
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}

# The package set with both of its parts, for whoever takes it as a folder.
package_set() {
  mkdir -p "$work/set/src"
  cp -r "$src/nixpkgs" "$work/set/"
  cp -r "$src/src/stage1" "$work/set/src/"
  find "$work/set" -exec touch -h -d @1700000000 {} +
}
# FOLDER: addresses of forges become repositories below $work/inputs; with a second word those of nixpkgs become that.
rewrite() {
  local file
  find "$1" -name flake.nix | while read -r file; do
    [ -z "${2:-}" ] || sed -i -E "s#\"(nixpkgs/[^\"]*|github:[nN]ix[oO][sS]/nixpkgs|flake:nixpkgs|git\+https://github.com/NixOS/nixpkgs|https://channels.nixos.org|github:nix-community/nixpkgs.lib)([/?][^\"]*)?\"#\"$2\"#" "$file"
    sed -i -E -e '/github:[nN]ix[oO][sS]\/nixpkgs|nixpkgs\.lib/!s#"github:([^/"]+)/([^/"]+)/([^"]+)"#"git+file://'"$work"'/inputs/\2?ref=\3"#' \
      -e '/github:[nN]ix[oO][sS]\/nixpkgs|nixpkgs\.lib/!s#"github:([^/"]+)/([^/"]+)"#"git+file://'"$work"'/inputs/\2"#' \
      -e "s#$work/inputs/default(-linux)?#$work/inputs/systems#" "$file"
  done
}
commit() { # FOLDER
  git -C "$1" init -q -b main
  git -C "$1" add -A
  git -C "$1" commit -q -m one
}
# [NIXPKGS]: the inputs; with a word for nixpkgs theirs becomes that.
inputs() {
  local dir
  rm -rf "$work/inputs"
  cp -r "$flakes/inputs" "$work/inputs"
  rewrite "$work/inputs" "${1:-}"
  for dir in "$work"/inputs/*; do
    commit "$dir"
    for branch in master latest release-24.11; do git -C "$dir" branch -q "$branch"; done
  done
}
registry() { # FILE [NIXPKGS]
  local more=
  [ -z "${2:-}" ] || more=',{"from":{"type":"indirect","id":"nixpkgs"},"to":{"type":"path","path":"'"${2%%\?*}"'","dir":"nixpkgs"}}'
  echo '{"version":2,"flakes":[{"from":{"type":"indirect","id":"flake-utils"},"to":{"type":"git","url":"file://'"$work"'/inputs/flake-utils"}}'"$more"']}' >"$1"
}
