#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What restricted and pure evaluation may read, with real Nix as the oracle: links out of an allowed folder, outputs that are links out of
# the store, store paths that nothing allowed, search paths that the language makes up, addresses. And files that are no files: a FIFO or
# a device is an error at once.
set -u
nix=$KERNIX_BUILD/bin/nix-instantiate store=$KERNIX_BUILD/bin/nix-store
real=$(command -v nix-instantiate) || { echo "SKIP: no nix-bin"; exit 77; }
work=$(mktemp -d "${TMPDIR:-/tmp}/restrict.XXXXXX")
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work" || exit 1
mkdir -p conf d allowed/def
printf 'build-users-group =\nsubstitute = false\nsandbox = false\ndownload-attempts = 1\n' >conf/nix.conf
export HOME=$work NIX_PATH='' NIX_CONF_DIR=$work/conf NIX_CACHE_HOME=$work/cache
passed=0 failed=0

pass() { passed=$((passed + 1)); }
fail() {
  failed=$((failed + 1))
  printf 'FAIL: %s\n' "$@"
}
ours() { NIX_REMOTE="local?root=$work/ours" timeout 30 "$nix" --eval --strict --read-write-mode "$@" 2>&1; }
theirs() { NIX_REMOTE="local?root=$work/theirs" timeout 30 "$real" --eval --strict --read-write-mode "$@" 2>&1; }
# The last line that is neither a place nor a trace; Nix 2.8 names pure evaluation otherwise, and real paths of a private store.
verdict() {
  grep -av '^ *at \|^ *|\|^ *[0-9]*|\|^$\|…\|show-trace' | tail -n 1 |
    sed "s,^ *,,; s,pure eval mode,pure evaluation mode,; s,$work/theirs/nix,/nix,; s,^error: unable to download.*,error: unreachable,; s,^no server could be.*,error: unreachable,"
}
# Newer Nix says no in other words and in fewer places (storePath, fetchurl of file://): there, what kernix allows must be what Nix allows.
case $("$real" --version) in
  *' 2.8.'*) same_verdict() { [ "$1" = "$2" ]; } ;;
  *)
    same_verdict() {
      case $1 in
        'error: access to '*' is forbidden in '*) ;;
        error:*) case $2 in error:*) ;; *) false ;; esac ;;
        *) [ "$1" = "$2" ] ;;
      esac
    } ;;
esac
as_nix() { # WORDS...: both say the same
  local a b
  a=$(ours "$@" | verdict) b=$(theirs "$@" | verdict)
  if same_verdict "$a" "$b"; then pass; else fail "$*" "  kernix $a" "  Nix    $b"; fi
}
says() { # TEXT WORDS...: ours only
  local want=$1 got
  shift
  got=$(ours "$@" | verdict)
  case $got in *"$want"*) pass ;; *) fail "$*" "  want $want" "  got  $got" ;; esac
}

echo 1 >d/x.nix
echo 'import ./x.nix' >d/y.nix
echo 5 >allowed/v.nix
echo '"in"' >allowed/t.txt
ln -s /etc allowed/etc
ln -s v.nix allowed/l.nix
ln -s ../d/x.nix allowed/out.nix
ln -s ../d allowed/dl
ln -s ../../d/x.nix allowed/def/default.nix
lit='builtins.toFile "lit.nix" "7"'
P=$(ours -E "$lit" | tr -d '"') && theirs -E "$lit" >/dev/null
L=$(NIX_REMOTE="local?root=$work/ours" "$store" --add allowed/out.nix) && NIX_REMOTE="local?root=$work/theirs" nix-store --add allowed/out.nix >/dev/null
S=$(NIX_REMOTE="local?root=$work/ours" "$store" --add d) && NIX_REMOTE="local?root=$work/theirs" nix-store --add d >/dev/null

cat >expressions <<END
import <a/v.nix>
import <a/l.nix>
import <a/out.nix>
import <a/etc/passwd>
import <a/dl/y.nix>
import <a/def>
builtins.readFile <a/etc/passwd>
builtins.readDir <a/etc>
builtins.readDir <a/dl>
builtins.pathExists <a/out.nix>
builtins.pathExists <a/v.nix>
builtins.pathExists $work/d/x.nix
builtins.pathExists /no/such
builtins.pathExists <a/nope>
builtins.pathExists (<a> + "/nope")
builtins.pathExists $P
builtins.readFile $work/d/x.nix
import $work/d/x.nix
import $P
builtins.readFile "$P"
builtins.readFile "$L"
builtins.readFile "$S/x.nix"
builtins.storePath "$P"
builtins.readFile (builtins.storePath "$P")
builtins.path { path = <a/dl>; }
builtins.path { path = <a/v.nix>; }
"\${<a/out.nix>}"
"\${<a/v.nix>}"
builtins.filterSource (p: t: true) <a/dl>
builtins.hashFile "sha256" <a/out.nix>
builtins.hashFile "sha256" /etc/passwd
scopedImport { } <a/out.nix>
builtins.readFile (<a> + "/../d/x.nix")
builtins.readFile /proc/self/root/etc/passwd
builtins.readFile /proc/self/cwd/d/x.nix
(derivation { name = "q"; system = "x"; builder = <a/out.nix>; }).drvPath
builtins.getEnv "HOME"
import <nix/fetchurl.nix> == 1
builtins.fetchurl "file://$work/d/x.nix"
builtins.fetchurl "file://$work/allowed/v.nix"
builtins.fetchurl "file://$work/allowed/out.nix"
builtins.fetchurl "http://localhost:1/x"
fetchTarball "http://localhost:1/x"
fetchGit $work/d
END
while IFS= read -r x; do
  as_nix --option restrict-eval true -I "a=$work/allowed" -E "$x"
  case $x in fetchGit*) ;; *) as_nix --option pure-eval true -I "a=$work/allowed" -E "$x" ;; esac
done <expressions
for file in d/x.nix allowed/v.nix allowed/out.nix nope.nix; do as_nix --option restrict-eval true -I "a=$work/allowed" "$work/$file"; done
for uri in "file://$work/d" "file://$work/d/" http://localhost:1 http://localhost:1/ http://localhost file://; do
  for x in "builtins.fetchurl \"file://$work/d/x.nix\"" 'builtins.fetchurl "http://localhost:1/x"' 'fetchGit "git://localhost:1/x"'; do
    as_nix --option restrict-eval true --option allowed-uris "$uri" -E "$x"
  done
done
ln -sfn "$S" slink && as_nix --option restrict-eval true -I "s=$work/slink" -E 'import <s/x.nix>'
ln -sfn allowed alink && as_nix --option restrict-eval true -I "s=$work/alink" -E 'import <s/v.nix>'

# stricter than Nix, or what it cannot do in a private store
restricted() { says "$1" --option restrict-eval true -I "a=$work/allowed" -E "$2"; }
restricted 7 "import ($lit)"
restricted '"5\n"' 'builtins.readFile (builtins.path { path = <a/v.nix>; })'
restricted '"5\n"' "builtins.readFile \"\${<a/v.nix>}\""
restricted '"5\n"' "builtins.readFile (builtins.fetchurl \"file://$work/allowed/v.nix\")"
restricted "access to absolute path '/etc' is forbidden in restricted mode" 'builtins.findFile [ { prefix = "e"; path = "/etc"; } ] "e/passwd"'
restricted "access to absolute path '/no' is forbidden in restricted mode" 'builtins.tryEval (builtins.findFile [ { prefix = "e"; path = "/no"; } ] "e/passwd")'
restricted "access to URI 'http://localhost:1/x' is forbidden" 'builtins.findFile [ { prefix = "e"; path = "http://localhost:1/x"; } ] "e/passwd"'
restricted "access to absolute path '/etc' is forbidden" 'let a = builtins.findFile [ { prefix = "e"; path = "/etc"; } ]; in builtins.seq (a "e") (builtins.readFile /etc/passwd)'
restricted "access to canonical path '$work/d/x.nix' is forbidden" 'builtins.readFileType <a/out.nix>'
restricted "access to absolute path '/etc/passwd' is forbidden" "builtins.fetchurl \"file://$work/allowed/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd\""
restricted "access to absolute path '$P' is forbidden" "builtins.readFile (builtins.appendContext \"$P\" { \"$P\" = { path = true; }; })"
says "access to URI 'http://localhost:1/a/../x' is forbidden" --option restrict-eval true --option allowed-uris http://localhost:1/a/ -E 'builtins.fetchurl "http://localhost:1/a/../x"'
says "access to URI 'http://localhost:1/a/%2e%2e/x' is forbidden" --option restrict-eval true --option allowed-uris http://localhost:1/a/ \
  -E 'builtins.fetchurl "http://localhost:1/a/%2e%2e/x"'
says 1 --option restrict-eval true -I "s=$S" -E 'import <s/x.nix>'
for f in builtins.fetchurl fetchTarball; do says "requires a 'sha256' argument" --option pure-eval true -E "$f \"http://localhost:1/x\""; done
says "doesn't fetch unlocked input" --option pure-eval true -E 'fetchGit "http://localhost:1/x"'
says '""' --option pure-eval true -E 'builtins.getEnv "HOME"'
says "does not fetch" --option pure-eval true -E 'builtins.findFile [ { prefix = "e"; path = "http://localhost:1/x"; } ] "e/passwd"'
built() { echo "(derivation { name = \"$1\"; system = builtins.currentSystem; builder = \"/bin/sh\"; PATH = \"/bin:/usr/bin\"; args = [ \"-c\" \"$2\" ]; })"; }
restricted 9 "import $(built i "echo 9 >\$out")"
restricted "access to canonical path '/etc/passwd' is forbidden" "builtins.readFile $(built i2 "ln -s /etc/passwd \$out")"
restricted "access to canonical path '$P' is forbidden" "import $(built i3 "ln -s $P \$out")"

# repositories: what is allowed must not lead to what is not
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=n GIT_AUTHOR_EMAIL=n@n GIT_COMMITTER_NAME=n GIT_COMMITTER_EMAIL=n@n
git init -q -b main secret && cp d/x.nix secret && git -C secret add -A && git -C secret commit -q -m one
git clone -q --bare secret allowed/own.git
mkdir allowed/points && echo "gitdir: $work/secret/.git" >allowed/points/.git
git clone -q --bare --shared secret allowed/borrows.git
git clone -q secret allowed/tree-there && git -C allowed/tree-there config core.worktree "$work/secret"
restricted "$(git -C secret rev-parse HEAD)" '(fetchGit <a/own.git>).rev'
restricted "access to absolute path '$work/secret/.git' is forbidden" '(fetchGit <a/points>).rev'
restricted "access to absolute path '$work/secret' is forbidden" '(fetchGit <a/tree-there>).rev'
restricted "borrows objects from is forbidden" '(fetchGit <a/borrows.git>).rev'

# no files
mkfifo allowed/fifo allowed/d-fifo && mkdir allowed/tree && mkfifo allowed/tree/fifo && ln -s /dev/zero allowed/zero
for x in "import $work/allowed/fifo" "import /dev/zero" "import $work/allowed/zero" "builtins.readFile $work/allowed/fifo" 'builtins.readFile /dev/zero' \
  "builtins.hashFile \"sha256\" $work/allowed/fifo" "builtins.readDir $work/allowed/fifo" "builtins.path { path = $work/allowed/fifo; }" \
  "builtins.path { path = $work/allowed/fifo; recursive = false; }" "builtins.path { path = $work/allowed/tree; }" "\"\${$work/allowed/fifo}\"" \
  "builtins.filterSource (p: t: true) $work/allowed/tree" "scopedImport { } $work/allowed/fifo" 'builtins.readFile /dev/tty' \
  "(import <nix/fetchurl.nix>) (import $work/allowed/fifo)"; do
  out=$(ours -E "$x")
  [ $? = 1 ] && grep -aq 'error' <<<"$out" && pass || fail "$x" "$(tail -n 2 <<<"$out")"
done
says 'is not a regular file' "$work/allowed/fifo"
says '"/nix/store' -E "builtins.filterSource (p: t: t != \"unknown\") $work/allowed/tree"
says '"unknown"' -E "builtins.readFileType $work/allowed/fifo"
[ -z "${KERNIX_REPORT:-}" ] || echo "$passed $failed 0" >"$KERNIX_REPORT"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
