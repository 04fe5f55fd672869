#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# builtin:debian-root with archives of our own, over HTTP and as folders: what becomes of packages and of sets, what hostile packages may not do, and
# what happens when an archive has no package, another file, stalls, or when kernix is killed in the middle.
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
build=${KERNIX_BUILD:-$here/build}
work=$(mktemp -d "${TMPDIR:-/tmp}/debian-root.XXXXXX")
port=$((20000 + RANDOM % 20000))
chmod 711 "$work"
mkdir -p "$work/home" "$work/tmp"
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; chmod -R u+w "$work"; rm -rf "$work"' EXIT
export HOME=$work/home NIX_REMOTE="local?root=$work/store" TMPDIR=$work/tmp
unset NIX_PATH http_proxy https_proxy all_proxy no_proxy
url=http://127.0.0.1:$port/site
passed=0 failed=0
ok() { # WHAT COMMAND...
  if "${@:2}"; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    echo "FAILED: $1"
    tail -n 6 "$work/said" | sed 's/^/    /'
  fi
}
says() { grep -qE -- "$1" "$work/said"; }

# An archive is a folder in $work; $site is the usual one.
site=$work/site
deb() { # NAME ENTRY...
  mkdir -p "$site/pool/main"
  python3 "$here/tests/build/mkdeb.py" "$site/pool/main/$1_1_all.deb" "${compression-xz}" "${mtime:-1000000}" "${@:2}"
}
# $work/set.json with these packages of $site; FIELDS is jq's: what else the set has.
set_of() { # FIELDS NAME...
  local name
  for name in "${@:2}"; do
    jq -n --arg n "$name" --arg h "$(sha256sum <"$site/pool/main/${name}_1_all.deb" | cut -d' ' -f1)" --arg s "$(stat -c %s "$site/pool/main/${name}_1_all.deb")" \
      '{ name: $n, version: "1", arch: "all", filename: "pool/main/\($n)_1_all.deb", sha256: $h, size: ($s | tonumber) }'
  done | jq -s "{ suite: \"test\", arch: \"amd64\", packages: . } + $1" >"$work/set.json"
}
root() { # MIRROR...: builds what $work/set.json says; $out is the result
  out=$(timeout 90 "$build/bin/nix-build" --no-out-link -E "derivation { name = \"test-root\"; system = \"builtin\"; builder = \"builtin:debian-root\";
    set = $work/set.json; mirrors = \"${*:-$url}\"; }" 2>"$work/said") && out=$work/store$out
}
fails() { ! root "$@"; }
nar() { "$build/bin/nix-store" -q --hash "${out#"$work/store"}"; }
refused() { # WHAT TEXT ENTRY...: a package with these entries
  deb bad "${@:3}"
  set_of '{}' good bad
  ok "$1: refused" fails
  ok "$1: says why" says "$2"
  ok "$1: with the package's name" says "the package 'bad'"
}

cat >"$work/server.py" <<'END'
# Files of the working directory; what is below /stall comes to its half and then no further; /gone is an error that passes.
import http.server, os, socketserver, sys, time
class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if self.path.startswith("/flaky/"):
            mark = self.path.replace("/", "_")
            if not os.path.exists(mark):
                open(mark, "w").close()
                self.send_error(503)
                return
            self.path = "/site/" + self.path[len("/flaky/"):]
        if not self.path.startswith("/stall/"):
            return super().do_GET()
        data = open("site/" + self.path[len("/stall/"):], "rb").read()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[:len(data) // 2])
        self.wfile.flush()
        open("stalled", "w").close()
        time.sleep(600)
    def log_message(self, *args):
        pass
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
END
mkdir -p "$site"
(cd "$work" && exec python3 server.py "$port") 2>/dev/null &
pids+=($!)

first=(d:./ d:./bin x:./bin/tool:one "f:./etc/tool.conf:settings" d:./var/lib/tool f:./var/lib/tool/state:x d:./usr/share/doc/good f:./usr/share/doc/good/copyright:c
  s:./usr/bin/su:setuid d:./usr/lib/empty l:./lib64/loader:/lib/x/loader.so x:./lib/x/loader.so:ld l:./usr/lib/x/abs:/usr/bin/su l:./usr/lib/x/rel:../../../etc/tool.conf
  "h:./usr/bin/hard:./bin/tool" l:./usr/bin/tool:/bin/tool f:./usr/src/one-2/doc/a:x f:./usr/src/one-2/keep:x)
second=(l:./bin:usr/bin l:./lib:usr/lib x:./usr/bin/other:two d:./usr/lib/x f:./usr/lib/x/more:more l:./usr/share/link:x l:./usr/lib/folder:x f:./usr/lib/folder/through:t
  l:./etc/mtab:../proc/self/mounts)
more='{ links: { "usr/bin/awk": "other", "usr/lib/deep/er/l": "/bin/tool" }, without: ["usr/share/doc", "usr/src/*/doc"] }'

test_tree() {
  deb good "${first[@]}"
  deb second "${second[@]}"
  set_of "$more" good second
  ok 'a root' root
  ok 'its progress' says 'downloaded 2 of 2 packages'
  ok 'folders of /usr, and links to them' eval '[ "$(cd $out && echo *)" = "bin etc lib lib64 usr" ] && [ "$(readlink "$out/bin")" = usr/bin ]'
  ok 'what is in /bin is in /usr/bin' eval '[ "$(cat "$out/usr/bin/tool")" = one ] && [ -x "$out/usr/bin/tool" ]'
  ok 'a hard link' eval '[ "$(cat "$out/usr/bin/hard")" = one ]'
  ok 'no setuid bit' eval '[ "$(stat -c %a "$out/usr/bin/su")" = 555 ]'
  ok 'what a file is not executable for' eval '[ "$(stat -c %a "$out/etc/tool.conf")" = 444 ]'
  ok 'empty folders stay' test -d "$out/usr/lib/empty"
  ok 'absolute links lead into the tree' eval '[ "$(readlink "$out/usr/lib/x/abs")" = ../../bin/su ] && [ "$(cat "$out/usr/lib64/loader")" = ld ]'
  ok 'relative ones where they did' eval '[ "$(cat "$out/usr/lib/x/rel")" = settings ]'
  ok 'a file below a link to a folder' eval '[ "$(cat "$out/usr/lib/x/through")" = t ]'
  ok 'links of the set' eval '[ "$(cat "$out/usr/bin/awk")" = two ] && [ "$(readlink "$out/usr/lib/deep/er/l")" = ../../../bin/tool ]'
  ok 'nothing of /var, and nothing that the set leaves out' eval '[ ! -e "$out/var" ] && [ ! -e "$out/usr/share/doc" ] && [ ! -e "$out/usr/src/one-2/doc" ]'
  ok 'but what is beside it' test -e "$out/usr/src/one-2/keep"
  same=$(nar)
}

# The packages' files are others: times, owners, order, compression. The tree is the same, to the byte.
test_same() {
  local site=$work/again compression='' mtime=1700000123
  deb good "${first[@]:1:5}" d:./usr/lib/x "${first[@]:6}"
  compression=gz deb second "${second[@]}"
  set_of "$more" good second
  ok 'from a folder, with other files' root "file://$site"
  ok 'the same to the byte' test "$(nar)" = "$same"
  mkdir "$work/empty"
  ok 'from the second mirror' root "file://$work/empty file://$work/nowhere http://127.0.0.1:9/x file://$site/"
  ok 'the same again' test "$(nar)" = "$same"
}

test_hostile() {
  refused 'a path above' 'leads out of the tree' f:../../escaped:x
  refused 'a path above, further in' 'leads out of the tree' f:./usr/../../escaped:x
  refused 'an absolute path' 'is an absolute path' f:/usr/bin/x:x
  refused 'a link out of the tree' "link '.*' leads out of the tree" l:./usr/bin/x:../../../../etc/shadow
  refused 'a folder through a link out of the tree' 'leads out of the tree' l:./usr/lib/y:../../.. f:./usr/lib/y/escaped:x
  refused 'a device' 'neither a file, a folder nor a link' c:./usr/bin/null
  refused 'a device where nothing is taken' 'neither a file, a folder nor a link' c:./dev/null
  refused 'a FIFO' 'neither a file, a folder nor a link' p:./usr/bin/pipe
  refused 'a hard link to nowhere' 'which is not there' h:./usr/bin/x:./usr/bin/none
  refused 'a hard link out of the tree' 'leads out of the tree' h:./usr/bin/x:../../../etc/passwd
  refused 'a control character' 'control characters' $'f:./usr/bin/x\ny:x'
  refused '/bin leading elsewhere' "and not to 'usr/bin'" l:./bin:etc
  refused 'a file of two packages' "'usr/bin/tool' is in the package 'good'" f:./usr/bin/tool:mine
  refused 'a file where a folder is' "'usr/lib/empty'" f:./usr/lib/empty:x
  refused 'a folder where a file is' "'usr/bin/tool'" d:./usr/bin/tool
  refused 'a file in place of a folder on the way' "usr/bin/tool" f:./usr/bin/tool/x:x
  echo "no archive" >"$site/pool/main/bad_1_all.deb"
  set_of '{}' good bad
  ok 'no archive at all: refused' fails
  ok 'no archive at all: says what' says "the package 'bad'"
  # A link that leads out only where the tree lies: nothing is written through it.
  deb bad l:./usr/lib/y:/ f:./usr/lib/y/tmp/escaped:x
  set_of '{}' good bad
  root
  ok 'a link to / is the tree' eval '[ ! -e /tmp/escaped ]'
  ok 'nothing got out' eval '[ -z "$(find "$work/store/nix" "$work/tmp" -name escaped -not -path "*-test-root/*")" ]'
}

edit() { jq "$1" "$work/set.json" >"$work/set.new" && mv "$work/set.new" "$work/set.json"; }
bad_set() { # WHAT TEXT FILTER
  set_of '{}' good second
  edit "$3"
  ok "$1: refused" fails
  ok "$1: says why" says "$2"
}
test_sets() {
  bad_set 'no hash' "package 1, good: it has no 'sha256'" 'del(.packages[0].sha256)'
  bad_set 'an empty hash' "it has no 'sha256'" '.packages[0].sha256 = ""'
  bad_set 'no size' "it has no 'size'" 'del(.packages[1].size)'
  bad_set 'no packages' "has no 'packages'" '.packages = []'
  bad_set 'a file outside of the pool' 'is not a file of a Debian archive' '.packages[0].filename = "../../etc/passwd.deb"'
  bad_set 'a name that is an option' 'is not the name of a Debian package' '.packages[0].name = "-o"'
  bad_set 'a package twice' 'twice' '.packages += [.packages[0]]'
  bad_set 'a link out of the tree' 'leads out of the tree' '.links = { "usr/bin/x": "../../../etc" }'
  bad_set 'a link above' 'leads out of the tree' '.links = { "../x": "y" }'
  bad_set 'a link over a file' "a link of the set: 'usr/bin/tool' is in the package 'good'" '.links = { "usr/bin/tool": "other" }'
  echo '{ "suite": ' >"$work/set.json"
  ok 'no JSON: refused' fails
  ok 'no JSON: says so' says 'is no JSON'
  out=$("$build/bin/nix-build" --no-out-link -E 'derivation { name = "x"; system = "builtin"; builder = "builtin:debian-root"; }' 2>"$work/said")
  ok 'no set: says so' says "has no 'set'"
  # Only files of the store are seen.
  out=$("$build/bin/nix-build" --no-out-link -E "derivation { name = \"x\"; system = \"builtin\"; builder = \"builtin:debian-root\"; set = \"$work/set.json\"; }" 2>"$work/said")
  ok 'a set of the host: not seen' says 'No such file'
}

test_archives() {
  local other=$work/other
  set_of '{}' good second
  mkdir -p "$other/pool/main"
  cp "$site/pool/main/second_1_all.deb" "$other/pool/main/good_1_all.deb"
  ok 'a mirror with another file: the next one' root "file://$other" "$url"
  ok 'an error that passes' root "http://127.0.0.1:$port/flaky"
  edit '.packages[1].sha256 = ("0" * 64)'
  ok 'no mirror with that hash: refused' fails
  ok 'no mirror with that hash: says so' says "its SHA-256 is [0-9a-f]{64} in place of 0{64}"
  set_of '{}' good second
  edit '.packages[1].size += 1'
  ok 'another size: refused' fails
  set_of '{}' good second
  edit '.packages[1].filename = "pool/main/none_1_all.deb"'
  ok 'a package that is nowhere: refused' fails "file://$other" "$url"
  ok 'which one' says "unable to download the package 'second' \(1, all\); tried:"
  ok 'all mirrors are listed' eval 'says "$url/pool/main/none_1_all.deb" && says "file://$other/pool/main/none" && says "http://deb.debian.org/debian/pool/main/none" && says "snapshot.debian.org"'
}

# Beside the rest, since it waits for the time after which a mirror has stalled.
stall_start() {
  deb good "${first[@]}"
  deb second "${second[@]}"
  set_of "$more" good second
  cp "$work/set.json" "$work/stall.json"
  "$build/bin/nix-build" --no-out-link -E "derivation { name = \"stall-root\"; system = \"builtin\"; builder = \"builtin:debian-root\";
    set = $work/stall.json; mirrors = \"http://127.0.0.1:$port/stall $url\"; }" >"$work/stall.out" 2>&1 &
  stalled=$!
}
test_stall() {
  wait "$stalled"
  ok 'a mirror that stalls: the next one' test $? = 0
  out=$work/store$(tail -n 1 "$work/stall.out")
  ok 'and the same root' test "$(nar)" = "$same"
}

test_kill() {
  local store=$work/killed pid
  set_of "$more" good second
  rm -f "$work/stalled"
  NIX_REMOTE="local?root=$store" "$build/bin/nix-build" --no-out-link -E "derivation { name = \"killed-root\"; system = \"builtin\"; builder = \"builtin:debian-root\";
    set = $work/set.json; mirrors = \"http://127.0.0.1:$port/stall\"; }" >"$work/said" 2>&1 &
  pid=$!
  for _ in $(seq 100); do [ -e "$work/stalled" ] && break || sleep 0.1; done
  ok 'killed in the middle of a download' test -e "$work/stalled"
  kill -9 "$pid"
  wait "$pid" 2>/dev/null
  for _ in $(seq 50); do find /proc -maxdepth 2 -name cwd -printf "%l\n" 2>/dev/null | grep -q "$work/tmp/nix-build-killed" || break; sleep 0.1; done
  ok 'nothing of it is in the store' eval '[ -z "$(find "$store/nix/store" -maxdepth 1 -name "*killed-root")" ]'
  NIX_REMOTE="local?root=$store" "$build/bin/nix-build" --no-out-link -E "derivation { name = \"killed-root\"; system = \"builtin\"; builder = \"builtin:debian-root\";
    set = $work/set.json; mirrors = \"$url\"; }" >"$work/said" 2>&1
  ok 'built again' test $? = 0
  ok 'no folder is left' eval '[ -z "$(ls "$work/tmp" | grep killed)" ] && [ -z "$(find "$store/nix/store" -maxdepth 1 -name "*.chroot" -o -maxdepth 1 -name "*.lock")" ]'
  ok 'and it is the same' test "$(NIX_REMOTE="local?root=$store" "$build/bin/nix-store" -q --hash "$(tail -n 1 "$work/said")")" = "$same"
}

# What has the network has a hash still: the exception is for this builder alone.
test_exception() {
  out=$("$build/bin/nix-build" --no-out-link -E "derivation { name = \"x\"; system = \"builtin\"; builder = \"builtin:fetchurl\"; url = \"$url/x\"; set = $work/set.json; }" 2>"$work/said")
  ok 'fetchurl without a hash is refused' says 'must be a fixed-output derivation'
}

for _ in $(seq 50); do busybox wget -q -O /dev/null "http://127.0.0.1:$port/server.py" 2>/dev/null && break || sleep 0.1; done
stall_start
test_tree
test_same
test_hostile
test_sets
test_archives
test_kill
test_exception
test_stall
echo "$passed passed, $failed failed"
[ $failed = 0 ]
