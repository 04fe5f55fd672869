#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The fetchers of <nixpkgs> to their ends, from a server and a repository on this machine: fetchpatch with its filters, fetchzip,
# fetchurl with what follows a download, fetchgit with tags and single folders; and what each says when it fails.
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
build=${KERNIX_BUILD:-$here/build}
work=$(mktemp -d "${TMPDIR:-/tmp}/fetchers.XXXXXX")
port=$((20000 + RANDOM % 20000))
chmod 711 "$work" # what is fetched from here is read by the user that builds
mkdir -p "$work/site" "$work/home"
busybox httpd -f -p "127.0.0.1:$port" -h "$work/site" &
server=$!
trap 'kill $server; chmod -R u+w "$work"; rm -rf "$work"' EXIT
export HOME=$work/home NIX_PATH=nixpkgs=$here/nixpkgs NIX_REMOTE="local?root=$work/store"
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=n GIT_AUTHOR_EMAIL=n@n GIT_COMMITTER_NAME=n GIT_COMMITTER_EMAIL=n@n
export GIT_AUTHOR_DATE='1700000000 +0000' GIT_COMMITTER_DATE='1700000000 +0000'
url=http://127.0.0.1:$port
passed=0 failed=0

build_() { timeout 120 "$build/bin/nix-build" --no-out-link -E "with import <nixpkgs> { }; $1" >"$work/out" 2>&1; }
result() { echo "$work/store$(tail -n 1 "$work/out")"; }
ok() { # NAME COMMAND...
  if "${@:2}"; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    echo "FAILED: $1"
    tail -n 12 "$work/out"
  fi
}
says() { grep -qE -- "$1" "$work/out"; }
# A fetcher without its hash: the first build says it, the second has it.
fetch() { # CALL with HASH in it
  local hash
  build_ "${1//HASH/hash = \"\";}" && return 1
  hash=$(sed -n 's/.*got: *\(sha256-.*\)/\1/p' "$work/out" | head -n 1)
  [ -n "$hash" ] && build_ "${1//HASH/hash = \"$hash\";}"
}
contents() { [ "$(cat "$(result)")" = "$1" ]; }

repo=$work/repo
git init -q -b main "$repo"
mkdir -p "$repo"/{drivers/net,fs,docs}
printf 'a\nb\nc\n' >"$repo/drivers/net/x.c"
printf '1\n2\n' >"$repo/docs/t.txt"
echo top >"$repo/README"
git -C "$repo" add -A && git -C "$repo" commit -qm one && git -C "$repo" tag v1.0
sed -i s/b/B/ "$repo/drivers/net/x.c"
sed -i s/2/3/ "$repo/docs/t.txt"
echo new >"$repo/drivers/net/new.c"
git -C "$repo" add -A && git -C "$repo" commit -qm two
git -C "$repo" format-patch -1 --stdout >"$work/site/two.patch"
echo '<html>not a patch</html>' >"$work/site/page"

new=$'--- /dev/null\n+++ b/drivers/net/new.c\n@@ -0,0 +1 @@\n+new'
x=$'--- a/drivers/net/x.c\n+++ b/drivers/net/x.c\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c'
docs=$'--- a/docs/t.txt\n+++ b/docs/t.txt\n@@ -1,2 +1,2 @@\n 1\n-2\n+3'
ok 'fetchpatch' fetch "fetchpatch { url = \"$url/two.patch\"; HASH }"
ok 'fetchpatch: files only, sorted' contents "$docs"$'\n'"$x"$'\n'"$new"
ok 'fetchpatch: excludes' fetch "fetchpatch { url = \"$url/two.patch\"; excludes = [ \"docs/*\" ]; HASH }"
ok 'fetchpatch: excludes leaves the rest' contents "$x"$'\n'"$new"
ok 'fetchpatch: includes' fetch "fetchpatch { url = \"$url/two.patch\"; includes = [ \"docs/t.txt\" ]; HASH }"
ok 'fetchpatch: includes only that' contents "$docs"
ok 'fetchpatch: stripLen, extraPrefix' fetch "fetchpatch { name = \"moved\"; url = \"$url/two.patch\"; stripLen = 2; extraPrefix = \"src/\"; includes = [ \"src/net/x.c\" ]; HASH }"
ok 'fetchpatch: other folders' contents "${x//drivers\/net/src/net}"
ok 'fetchpatch: relative' fetch "fetchpatch { url = \"$url/two.patch\"; relative = \"drivers/net\"; HASH }"
ok 'fetchpatch: below that folder' contents "${x//drivers\/net\//}"$'\n'"${new//drivers\/net\//}"
ok 'fetchpatch: revert' fetch "fetchpatch2 { url = \"$url/two.patch\"; includes = [ \"docs/*\" ]; revert = true; HASH }"
ok 'fetchpatch: turned round' grep -q '^+2$' "$(result)"
ok 'fetchpatch: decode' fetch "fetchpatch { url = \"$url/two.patch\"; decode = \"sed s/B/Q/\"; includes = [ \"drivers/net/x.c\" ]; HASH }"
ok 'fetchpatch: decoded' grep -q '^+Q$' "$(result)"
ok 'a page is no patch' eval '! build_ "fetchpatch { url = \"$url/page\"; hash = \"\"; }" && says "has no change in it.*" && says "GitHub"'
ok 'nothing left' eval '! build_ "fetchpatch { url = \"$url/two.patch\"; includes = [ \"nothing/*\" ]; hash = \"\"; }" && says "nothing of the patch" && says "drivers/net/x.c"'
ok 'not there' eval '! build_ "fetchpatch { url = \"$url/none.patch\"; hash = \"\"; }" && says "cannot download none.patch from any of: $url/none.patch"'

(cd "$work" && mkdir -p flat && echo 1 >flat/a && echo 2 >flat/b && tar -C flat -czf site/flat.tar.gz a b && cp -r flat one && tar -czf site/one.tar.gz one)
ok 'fetchzip' fetch "fetchzip { url = \"$url/one.tar.gz\"; HASH }"
ok 'fetchzip: without its folder' eval '[ "$(cat "$(result)"/a)" = 1 ]'
ok 'fetchzip: stripRoot = false' fetch "fetchzip { url = \"$url/flat.tar.gz\"; stripRoot = false; HASH }"
ok 'fetchzip: all of it' eval '[ "$(cat "$(result)"/b)" = 2 ]'
ok 'fetchzip: more than one folder is told' eval '! build_ "fetchzip { url = \"$url/flat.tar.gz\"; hash = \"\"; }" && says "stripRoot = false|hash mismatch"'
ok 'fetchurl: postFetch' fetch "fetchurl { url = \"$url/page\"; postFetch = \"sed -i s/not/surely/ \$out\"; HASH }"
ok 'fetchurl: changed' contents '<html>surely a patch</html>'

ok 'fetchgit: a tag' fetch "fetchgit { url = \"$repo\"; tag = \"v1.0\"; HASH }"
ok 'fetchgit: of that time' eval '[ "$(sed -n 2p "$(result)"/docs/t.txt)" = 2 ] && [ ! -e "$(result)/.git" ]'
ok 'fetchgit: a revision' fetch "fetchgit { url = \"$repo\"; rev = \"$(git -C "$repo" rev-parse main)\"; HASH }"
ok 'fetchgit: single folders' fetch "fetchgit { url = \"$repo\"; rev = \"refs/heads/main\"; sparseCheckout = [ \"drivers/net\" ]; HASH }"
ok 'fetchgit: those and the files above' eval '[ -e "$(result)/drivers/net/x.c" ] && [ -e "$(result)/README" ] && [ ! -e "$(result)/docs" ]'
git clone -q --bare "$repo" "$work/bare.git"
ok 'fetchgit: a bare repository, shown to the sandbox' fetch "fetchgit { name = \"bare\"; url = \"file://$work/bare.git\"; rev = \"v1.0\"; HASH }"
ok 'fetchgit: no such tag' eval '! build_ "fetchgit { url = \"$repo\"; tag = \"v9\"; hash = \"\"; }" && says "revision .refs/tags/v9. of"'

# Submodules: git's own server knows what a plain web server does not.
sub=$work/sub
git init -q -b main "$sub" && echo inner >"$sub/file" && git -C "$sub" add -A && git -C "$sub" commit -qm one
git_port=$((port + 1))
git daemon --listen=127.0.0.1 --port=$git_port --base-path="$work" --export-all "$work" >/dev/null 2>&1 &
daemon=$!
trap 'kill $server $daemon; chmod -R u+w "$work"; rm -rf "$work"' EXIT
for _ in $(seq 50); do (: <"/dev/tcp/127.0.0.1/$git_port") 2>/dev/null && break; sleep 0.1; done
git_url=git://127.0.0.1:$git_port
super=$work/super
git init -q -b main "$super"
git -C "$super" submodule --quiet add "$git_url/sub" one 2>/dev/null
git -C "$super" submodule --quiet add "$git_url/sub" "two/three" 2>/dev/null
git -C "$super" config -f .gitmodules submodule.two/three.url ../sub
git -C "$super" commit -qam super
ok 'fetchgit: submodules' fetch "fetchgit { url = \"$git_url/super\"; rev = \"main\"; HASH }"
ok 'fetchgit: with their files' eval '[ "$(cat "$(result)/one/file" "$(result)/two/three/file" | xargs)" = "inner inner" ] && [ -z "$(find "$(result)" -name .git)" ]'
ok 'fetchgit: without them' fetch "fetchgit { url = \"$git_url/super\"; rev = \"main\"; fetchSubmodules = false; HASH }"
ok 'fetchgit: an empty folder' eval '[ -z "$(ls -A "$(result)/one")" ]'
mkdir -p "$super/plain" && cp "$super/.gitmodules" "$super/plain/" && echo p >"$super/plain/file" && ln -s one "$super/link"
git -C "$super" config -f .gitmodules submodule.plain.path plain && git -C "$super" config -f .gitmodules submodule.plain.url "$git_url/sub"
git -C "$super" config -f .gitmodules submodule.link.path link && git -C "$super" config -f .gitmodules submodule.link.url "$git_url/sub"
git -C "$super" add plain link .gitmodules && git -C "$super" commit -qm plain
ok 'fetchgit: submodules that are none' fetch "fetchgit { name = \"plain\"; url = \"$git_url/super\"; rev = \"main\"; HASH }"
ok 'fetchgit: are files' eval '[ "$(cat "$(result)/one/file" "$(result)/plain/file" | xargs)" = "inner p" ]'
ok 'fetchgit: patterns' fetch "fetchgit { url = \"$repo\"; rev = \"main\"; sparseCheckout = [ \"/*\" \"!/fs\" \"!/docs/\" ]; nonConeMode = true; HASH }"
ok 'fetchgit: what they leave' eval '[ -e "$(result)/drivers/net/x.c" ] && [ ! -e "$(result)/docs" ]'

# What Nix refuses of a flat output, too.
printf 'x\n' >"$work/site/plain"
sum=$(sha256sum "$work/site/plain" | cut -d' ' -f1)
ok 'a flat output is no program' eval '! timeout 60 "$build/bin/nix-build" --no-out-link -E "derivation { name = \"p\"; system = \"builtin\"; builder = \"builtin:fetchurl\"; url = \"$url/plain\"; executable = \"1\"; outputHashMode = \"flat\"; outputHashAlgo = \"sha256\"; outputHash = \"$sum\"; }" >"$work/out" 2>&1 && says "non-executable regular file"'

# A package that the archive has no more comes from Debian's snapshots: both are this proxy.
if command -v python3 >/dev/null; then
  python3 - "$work" <<'PROXY' &
import http.server, os, sys
class Proxy(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        open(sys.argv[1] + "/asked", "a").write(self.path + "\n")
        body = {
            "http://snapshot.debian.org/mr/binary/gone/1:2.0+b1/binfiles".replace(":2", "%3A2").replace("+", "%2B"):
                b'{"result":[{"architecture":"all","hash":"0123456789012345678901234567890123456789"}]}',
            "http://snapshot.debian.org/file/0123456789012345678901234567890123456789": b"a package\n",
        }.get(self.path)
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Length", str(len(body or b""))); self.end_headers(); self.wfile.write(body or b"")
    def log_message(self, *words): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Proxy)
open(sys.argv[1] + "/proxy.new", "w").write(str(server.server_port))
os.rename(sys.argv[1] + "/proxy.new", sys.argv[1] + "/proxy")
server.serve_forever()
PROXY
  proxy=$!
  trap 'kill $server $daemon $proxy; chmod -R u+w "$work"; rm -rf "$work"' EXIT
  for _ in $(seq 50); do [ -s "$work/proxy" ] && break; sleep 0.1; done
  deb() { http_proxy=http://127.0.0.1:$(cat "$work/proxy") build_ "fetchDeb { package = \"$1\"; version = \"1:2.0+b1\"; filename = \"pool/main/g/$1/$1_2.0+b1_all.deb\"; sha256 = \"$(printf 'a package\n' | sha256sum | cut -d' ' -f1)\"; }"; }
  ok 'fetchDeb: from the snapshots' deb gone
  ok 'fetchDeb: what it should be' contents 'a package'
  ok 'fetchDeb: every archive was asked before' eval 'grep -q "^http://deb.debian.org/debian/pool/main/g/gone/gone_2.0+b1_all.deb" "$work/asked"'
  ok 'fetchDeb: nowhere' eval '! deb missing && says "HTTP error 404" && says "no archive has version 1:2.0.b1 of .missing. any more: .make lock. "'
fi
[ -z "${KERNIX_REPORT:-}" ] || echo "$passed $failed 0" >"$KERNIX_REPORT"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
