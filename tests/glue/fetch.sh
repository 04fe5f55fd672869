#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Fetchers during evaluation, from files: fetchurl, fetchTarball, entries of the search path, fetchGit (clean, dirty, bare, by revision,
# export-ignore), import from derivation, import of a .drv. Expected paths and hashes are those that Nix gives for the same contents.
set -u
nix=${1:-$KERNIX_BUILD/bin/nix-instantiate}
[ -x "$nix" ] || { echo "no $nix"; exit 1; }
work=$(mktemp -d "${TMPDIR:-/tmp}/fetch.XXXXXX")
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
export NIX_REMOTE="local?root=$work/root" NIX_CACHE_HOME=$work/cache HOME=$work NIX_PATH=
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_DATE='1700000000 +0000' GIT_COMMITTER_DATE='1700000000 +0000'
export GIT_AUTHOR_NAME=n GIT_AUTHOR_EMAIL=n@n GIT_COMMITTER_NAME=n GIT_COMMITTER_EMAIL=n@n
passed=0 failed=0

is() { # NAME WANT GOT
  if [ "$2" = "$3" ]; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    printf '%s\n  want %s\n  got  %s\n' "$1" "$2" "$3"
  fi
}
value() { "$nix" --eval --strict "$@" 2>&1; }
last_error() { "$nix" --eval --strict "$@" 2>&1 | sed -n 's/^ *error: //p' | tail -n 1; }

cd "$work" || exit 1
mkdir -p src-1/bin
echo hello >src-1/file
echo '{ v = 5; }' >src-1/default.nix
printf '#!/bin/sh\n' >src-1/bin/run && chmod 755 src-1/bin/run
ln -s file src-1/link
tree=$(value -E "builtins.path { path = ./src-1; name = \"source\"; }")
tar -czf src.tar.gz src-1
file=$(value -E "builtins.path { path = ./src.tar.gz; recursive = false; }")
sum=$(sha256sum src.tar.gz | cut -d' ' -f1)

is 'fetchurl: the path of the same file' "$file" "$(value -E "builtins.fetchurl \"file://$work/src.tar.gz\"")"
is 'fetchurl with its hash' "$file" "$(value -E "builtins.fetchurl { url = \"file://$work/src.tar.gz\"; sha256 = \"$sum\"; }")"
is 'fetchurl with another hash' "hash mismatch in file downloaded from 'file://$work/src.tar.gz':" \
  "$(last_error -E "builtins.fetchurl { url = \"file://$work/src.tar.gz\"; sha256 = builtins.hashString \"sha256\" \"\"; }")"
is 'its exit status' 102 "$(value -E "builtins.fetchurl { url = \"file://$work/src.tar.gz\"; sha256 = builtins.hashString \"sha256\" \"\"; }" >/dev/null; echo $?)"
is 'fetchTarball: the path of the same tree' "$tree" "$(value -E "fetchTarball \"file://$work/src.tar.gz\"")"
is 'fetchTarball imported' 5 "$(value -E "(import (fetchTarball \"file://$work/src.tar.gz\")).v")"
is 'search path of a URL' 5 "$(value -I "s=file://$work/src.tar.gz" -E '(import <s>).v')"
is 'fetchurl of nothing' 1 "$(value -E "builtins.fetchurl \"file://$work/none\"" >/dev/null; echo $?)"
is 'restricted mode' "access to absolute path '$work/src.tar.gz' is forbidden in restricted mode" \
  "$(last_error --option restrict-eval true -E "fetchTarball \"file://$work/src.tar.gz\"")"

git init -q -b main repo
cp -r src-1/. repo/
echo 'hidden export-ignore' >repo/.gitattributes
echo secret >repo/hidden
git -C repo add -A && git -C repo commit -q -m one
rev=$(git -C repo rev-parse HEAD)
mkdir plain && cp -r src-1/. plain/ && cp repo/.gitattributes plain/
clean=$(value -E 'builtins.path { path = ./plain; name = "source"; }')
is 'fetchGit of a clean tree' "$clean" "$(value -E '(fetchGit ./repo).outPath')"
is 'fetchGit: what it knows' "[ \"$rev\" \"${rev:0:7}\" 1 1700000000 \"20231114221320\" false ]" \
  "$(value -E 'let g = fetchGit ./repo; in [ g.rev g.shortRev g.revCount g.lastModified g.lastModifiedDate g.submodules ]')"
git clone -q --bare repo bare.git
is 'fetchGit of a bare repository' "$clean" "$(value -E "(fetchGit \"file://$work/bare.git\").outPath")"
echo more >>repo/file
cp -r plain dirty && echo more >>dirty/file && echo secret >dirty/hidden
dirty=$(value -E 'builtins.path { path = ./dirty; name = "source"; }')
is 'fetchGit of a dirty tree' "$dirty" "$(value -E '(fetchGit ./repo).outPath' | tail -n 1)"
is 'fetchGit: a dirty tree has no revision' "[ \"0000000\" \"${rev:0:7}-dirty\" ]" \
  "$(value -E 'let g = fetchGit ./repo; in [ g.shortRev g.dirtyShortRev ]' | tail -n 1)"
is 'fetchGit by revision' "$clean" "$(value -E "(fetchGit { url = ./repo; rev = \"$rev\"; }).outPath")"
is 'fetchGit of what is none' 1 "$(value -E "fetchGit \"file://$work/none\"" >/dev/null; echo $?)"

is 'fetchGit of a folder that is not there' 1 "$(value -E 'fetchGit "/no/such/folder"' 2>&1 | grep -c 'there is no such folder')"
mkdir -p no-repository
is 'fetchGit of a folder that is no repository' 1 "$(value -E "fetchGit \"$work/no-repository\"" 2>&1 | grep -c "'git init'")"

cat >ifd.nix <<'N'
let d = derivation { name = "x"; system = builtins.currentSystem; builder = "/bin/sh"; PATH = "/bin:/usr/bin";
  args = [ "-c" "echo \"{ a = 1; dep = ''$dep''; }\" > $out" ]; dep = builtins.toFile "dep" "hello"; };
in [ (import d).a (builtins.length (builtins.attrNames (builtins.getContext (builtins.readFile d)))) ((import d.drvPath).outPath == d.outPath) ]
N
is 'import from derivation' '[ 1 1 true ]' "$(value --read-write-mode ifd.nix | tail -n 1)"
is 'import from derivation, not allowed' "cannot build" \
  "$("$nix" --eval --strict --read-write-mode --option allow-import-from-derivation false ifd.nix 2>&1 | grep -o 'cannot build' | head -n 1)"
[ -z "${KERNIX_REPORT:-}" ] || echo "$passed $failed 0" >"$KERNIX_REPORT"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
