#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Flakes that want more than their own folder: ways out of the source, files of the machine, lock files that are links, other users'
# repositories, programs that a repository names, names that a terminal obeys, locks without an end.
set -u
work=$(mktemp -d /dev/shm/kernix-flakes.XXXXXX 2>/dev/null || mktemp -d "${TMPDIR:-/tmp}/flakes.XXXXXX") # in memory: much is synced
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
. "$(dirname "$0")/../flakes/lib.sh"
ran=$work/ran
cd "$work" || exit 1
mkdir secret plain && echo '{ outputs = _: { v = "out"; }; }' >secret/flake.nix && echo hidden >secret/file
eval_() { timeout 60 "$bin/nix" eval "$@" >"$work/out" 2>&1; }
refused() { # NAME WORDS EVAL-WORDS...
  local name=$1 words=$2
  shift 2
  eval_ "$@"
  is "$name: the exit status" 1 $?
  has "$name" "$words" "$work/out"
  ! grep -q hidden "$work/out" || bad "$name: the secret was said"
}
flake() { # NAME TEXT
  mkdir -p "$1" && echo "$2" >"$1/flake.nix"
}

flake inner/sub '{ outputs = _: { v = 1; }; }'
refused 'a folder above the source' 'leads out of the flake' "path:$work/inner?dir=../secret#v"
flake up '{ inputs.a.url = "path:../secret"; outputs = { self, a }: { v = a.v; }; }'
refused 'an input above the source' 'leads out of the source' "path:$work/up#v"
flake upsub/sub '{ inputs.a.url = "path:../../../../../../../../etc"; inputs.a.flake = false; outputs = { self, a }: { v = builtins.readFile (a + "/passwd"); }; }'
refused 'an input far above' 'leads out of the source' "path:$work/upsub?dir=sub#v"
flake reads '{ outputs = _: { file = builtins.readFile "'"$work"'/secret/file"; link = builtins.readFile ./link; env = builtins.getEnv "HOME"; out = builtins.readFile ./../x; search = <nixpkgs>; tree = (builtins.fetchTree { type = "path"; path = "'"$work"'/secret"; }).outPath; }; }'
ln -s "$work/secret/file" reads/link
for what in file link search tree out; do refused "pure: $what" error: "path:$work/reads#$what"; done
eval_ "path:$work/reads#env"
is 'pure: the environment' '""' "$(tail -n 1 out)"

# Pure evaluation takes only what has a hash that can be compared, or a revision where that is one.
zeros=0000000000000000000000000000000000000000
wrong=sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
cp -r secret secret-git && commit secret-git
tar -czf secret.tgz secret
flake fetches '{ outputs = _: {
  hashflag = builtins.readFile ((builtins.fetchTree { type = "path"; path = "'"$work"'/secret"; narHash = true; }) + "/file");
  hashnumber = builtins.readFile ((builtins.fetchTree { type = "tarball"; url = "file://'"$work"'/secret.tgz"; narHash = 1; }) + "/file");
  hashempty = builtins.readFile ((builtins.fetchTree { type = "path"; path = "'"$work"'/secret"; narHash = ""; }) + "/file");
  hashword = builtins.readFile ((builtins.fetchTree { type = "path"; path = "'"$work"'/secret"; narHash = "sha256-x"; }) + "/file");
  hashother = builtins.readFile ((builtins.fetchTree { type = "path"; path = "'"$work"'/secret"; narHash = "'"$wrong"'"; }) + "/file");
  filerev = builtins.readFile (builtins.fetchTree { type = "file"; url = "file://'"$work"'/secret/file"; rev = "'$zeros'"; });
  textrev = builtins.readFile (builtins.fetchTree "file+file://'"$work"'/secret/file?rev='$zeros'");
  fileother = builtins.readFile (builtins.fetchTree { type = "file"; url = "file://'"$work"'/secret/file"; narHash = "'"$wrong"'"; });
  gitnumber = builtins.readFile ((builtins.fetchTree { type = "git"; url = "file://'"$work"'/secret-git"; rev = 1; }) + "/file");
  gitflag = builtins.readFile ((builtins.fetchTree { type = "git"; url = "file://'"$work"'/secret-git"; rev = true; }) + "/file");
  gitword = builtins.readFile ((builtins.fetchTree { type = "git"; url = "file://'"$work"'/secret-git"; rev = "main"; }) + "/file");
  gitother = builtins.readFile ((builtins.fetchTree { type = "git"; url = "file://'"$work"'/secret-git"; rev = "'$zeros'"; }) + "/file");
  forgenumber = builtins.readFile ((builtins.fetchTree { type = "github"; owner = "o"; repo = "r"; host = "127.0.0.1:1"; rev = 1; }) + "/file");
  forgeword = builtins.readFile ((builtins.fetchTree { type = "github"; owner = "o"; repo = "r"; host = "127.0.0.1:1"; rev = "main"; }) + "/file");
  url = builtins.fetchTree { type = "file"; url = 1; narHash = "'"$wrong"'"; };
  modified = builtins.fetchTree { type = "path"; path = "/x"; lastModified = "1"; narHash = "'"$wrong"'"; };
  get = (builtins.getFlake "path:'"$work"'/secret?narHash=x").v;
}; }'
while read -r what words; do
  refused "pure: fetchTree, $what" "$words" "path:$work/fetches#$what"
done <<'EOT'
hashflag input attribute 'narHash' is not a string
hashnumber input attribute 'narHash' is not a string
hashempty is no SHA-256 hash
hashword is no SHA-256 hash
filerev doesn't fetch unlocked input
textrev doesn't fetch unlocked input
gitnumber input attribute 'rev' is not a string
gitflag input attribute 'rev' is not a string
gitword has wrong length
gitother has no revision
forgenumber input attribute 'rev' is not a string
forgeword has wrong length
url input attribute 'url' is not a string
modified input attribute 'lastModified' is not an integer
get error:
EOT
for what in hashother fileother; do
  eval_ "path:$work/fetches#$what"
  is "pure: fetchTree, $what: the exit status" 102 $?
  has "pure: fetchTree, $what" 'NAR hash mismatch' out
done
if grep -rlsq hidden "$work"/root/nix/store/*-source/file "$work"/root/nix/store/*-source 2>/dev/null; then bad 'what is refused got into the store'; else ok; fi

# A flake from elsewhere (it is in the store already, so no server is needed) names nothing of this machine, however it is written.
flake hasher '{ outputs = _: { hash = (builtins.fetchTree { type = "path"; path = builtins.getEnv "STRANGER"; }).narHash; }; }'
stranger() { # NAME INPUT: outer-NAME has it as its input
  flake "$1" "{ inputs.a = { $2 }; outputs = { self, a }: { v = builtins.readFile (if builtins.pathExists (a + \"/file\") then a + \"/file\" else a); }; }"
  local hash
  hash=$(STRANGER=$work/$1 "$bin/nix" eval --impure --raw "path:$work/hasher#hash" 2>&1)
  flake "outer-$1" "{ inputs.b = { type = \"github\"; owner = \"o\"; repo = \"r\"; rev = \"$zeros\"; narHash = \"$hash\"; lastModified = 1; }; outputs = { self, b }: { v = b.v; }; }"
}
echo '{"version":2,"flakes":[{"from":{"type":"indirect","id":"mine"},"to":{"type":"path","path":"'"$work"'/secret"}},{"from":{"type":"indirect","id":"mine-too"},"to":{"type":"indirect","id":"mine"}},{"from":{"type":"indirect","id":"round"},"to":{"type":"indirect","id":"round"}}]}' >home/.config/nix/registry.json
n=0
while IFS='|' read -r input words; do
  n=$((n + 1))
  stranger "stranger-$n" "$input flake = false;"
  refused "a flake from elsewhere: $input" "$words" "path:$work/outer-stranger-$n#v"
done <<EOT
url = "path:$work/secret";|which is not of this machine
url = "git+file://$work/secret-git";|which is not of this machine
url = "file://$work/secret/file";|which is not of this machine
url = "FILE://$work/secret/file";|which is not of this machine
url = "File+FILE://$work/secret/file";|which is not of this machine
type = "file"; url = "FILE://$work/secret/file";|which is not of this machine
type = "file"; url = "fIlE://localhost$work/secret/file";|which is not of this machine
type = "tarball"; url = "FILE://$work/secret.tgz";|which is not of this machine
type = "git"; url = "FILE://$work/secret-git";|which is not of this machine
type = "git"; url = "git+file://$work/secret-git";|which is not of this machine
type = "git"; url = "$work/secret-git";|which is not of this machine
type = "file"; url = "ftp://127.0.0.1:1/x";|only addresses of http
type = "file"; url = "gopher://127.0.0.1:1/x";|only addresses of http
type = "git"; url = "../secret-git";|only addresses of http
type = "git"; url = "a@b/c:../secret-git";|only addresses of http
type = "tarball"; url = "HTTPS://127.0.0.1:1/x.tgz";|cannot be fetched
type = "git"; url = "git@127.0.0.1:x";|cannot be fetched
url = "mine";|which is not of this machine
url = "flake:mine";|which is not of this machine
url = "mine-too";|which is not of this machine
type = "indirect"; id = "mine";|which is not of this machine
url = "round";|cycle detected in the flake registries
EOT
stranger allowed 'url = "mine"; flake = false;'
eval_ "path:$work/outer-allowed#v" --override-input b/a "path:$work/secret"
has 'what the command line gives it' hidden out
flake names-mine '{ inputs.a.url = "mine"; outputs = { self, a }: { inherit (a) v; }; }'
eval_ "path:$work/names-mine#v"
is 'a flake of this machine may' '"out"' "$(tail -n 1 out)"

# The lock file of a repository that is a link to a file elsewhere: it is replaced, the file stays.
flake linked "{ inputs.a.url = \"path:$work/plain\"; inputs.a.flake = false; outputs = { self, a }: { v = 1; }; }"
echo kept >victim
ln -s "$work/victim" linked/flake.lock
eval_ "path:$work/linked#v"
is 'a lock file that is a link' kept "$(cat victim)"

# The folder becomes a link to another one while an input is downloaded: nothing is written there.
cat >swap.py <<'EOP'
import http.server, os, sys
class Swap(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        os.rename("swapped", "swapped.old")
        os.symlink("plain", "swapped")
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"data")
    def log_message(self, *args):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Swap)
with open("port.new", "w") as f:
    f.write(str(server.server_address[1]))
os.rename("port.new", "port")
server.handle_request()
EOP
timeout 60 python3 swap.py &
for _ in $(seq 100); do [ -s port ] || sleep 0.1; done
flake swapped "{ inputs.a = { url = \"file+http://127.0.0.1:$(cat port)/x\"; flake = false; }; outputs = { self, a }: { v = 1; }; }"
refused 'a folder that becomes a link' 'is another folder now' "path:$work/swapped#v"
[ -h swapped ] && [ -e swapped.old ] && [ ! -e plain/flake.lock ] && ok || bad 'the lock file was written through a link'
wait
if [ "$(id -u)" = 0 ]; then
  mkdir theirs
  for name in theirs/mine theirs-too; do
    flake $name "{ inputs.a.url = \"path:$work/plain\"; inputs.a.flake = false; outputs = { self, a }: { v = 1; }; }"
  done
  chown 12345 theirs theirs-too
  for name in theirs/mine theirs-too; do
    refused "another user's folder, $name" 'belongs to another user' "path:$work/$name#v"
    [ ! -e $name/flake.lock ] && ok || bad "$name: a lock file was written"
    eval_ "path:$work/$name#v" --no-write-lock-file
    is "$name is read" 1 "$(tail -n 1 out)"
  done
fi

# Nothing that a repository names runs, when its index is written either.
flake hooked "{ inputs.a.url = \"path:$work/plain\"; inputs.a.flake = false; outputs = { self, a }: { v = 1; }; }"
commit hooked
printf '#!/bin/sh\ntouch %s\ncat\n' "$ran" >program && chmod 755 program
mkdir hooks && for hook in post-index-change pre-commit post-checkout; do cp program hooks/$hook; done
git -C hooked config core.hooksPath "$work/hooks"
git -C hooked config core.fsmonitor "$work/program"
git -C hooked config filter.x.clean "$work/program"
echo '* filter=x' >hooked/.gitattributes
eval_ "git+file://$work/hooked#v"
is 'programs of a repository: the value' 1 "$(tail -n 1 out)"
[ -e hooked/flake.lock ] && [ -z "$(git -C hooked -c core.fsmonitor= ls-files --others flake.lock)" ] && ok || bad 'its lock file is written and known to git'
rm -f "$ran"
eval_ "git+file://$work/hooked#v"
[ ! -e "$ran" ] && ok || bad 'programs of a repository ran'
if [ "$(id -u)" = 0 ]; then
  flake foreign '{ outputs = _: { v = 1; }; }'
  commit foreign
  chown -R 12345 foreign
  refused "another user's repository" 'belongs to another user' "git+file://$work/foreign#v"
fi

# Files of a repository that have no end, or whose other end is nobody.
n=0
while read -r name kind; do
  n=$((n + 1))
  flake "odd-$n" '{ outputs = _: { v = 1; }; }'
  commit "odd-$n"
  mkdir -p "$(dirname "odd-$n/.git/$name")"
  rm -f "odd-$n/.git/$name"
  case $kind in
    fifo) mkfifo "odd-$n/.git/$name" ;;
    link) ln -sf "$work/pipe" "odd-$n/.git/$name" ;;
    zero) ln -s /dev/zero "odd-$n/.git/$name" ;;
  esac
  [ -p pipe ] || mkfifo pipe
  refused "a $kind at .git/$name" 'no regular file' "git+file://$work/odd-$n#v"
done <<EOT
index fifo
index link
index zero
HEAD fifo
HEAD zero
config fifo
packed-refs fifo
packed-refs zero
refs/heads/main fifo
objects/info/alternates fifo
info/exclude link
EOT

# Words that a terminal obeys.
flake bell "{ inputs.\"a$(printf '\033')]0;x\".url = \"path:$work/nothing\"; outputs = _: { v = 1; }; }"
eval_ "path:$work/bell#v"
! grep -q "$(printf '\033')\]" out && ok || bad 'a terminal would obey a name' "$(cat -v out)"

# Locks without an end.
flake loop '{ inputs.a.follows = "b"; inputs.b.follows = "a"; outputs = _: { v = 1; }; }'
refused 'who follows each other' 'follow cycle detected' "path:$work/loop#v"
flake self-input "{ inputs.a.url = \"path:$work/self-input\"; outputs = _: { v = 1; }; }"
refused 'an input that is the flake itself' 'circular import' "path:$work/self-input#v"
flake locked "{ inputs.a.url = \"path:$work/plain\"; outputs = _: { v = 1; }; }"
node='"locked":{"type":"path","path":"/x","narHash":"sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},"original":{"type":"path","path":"'$work'/plain"}'
echo '{"version":7,"root":"r","nodes":{"r":{"inputs":{"a":"n"}},"n":{"inputs":{"a":"n"},'"$node"'}}}' >locked/flake.lock
refused 'a node that is its own input' 'nested too deeply' "path:$work/locked#v"
python3 - "$node" >locked/flake.lock <<'EOP'
import sys
n = 5000
print('{"version":7,"root":"n0","nodes":{' + ",".join('"n%d":{"inputs":{"a":"n%d"},%s}' % (i, i + 1, sys.argv[1]) for i in range(n)) + ',"n%d":{%s}}}' % (n, sys.argv[1]))
EOP
refused 'a lock of 5,000 levels' 'nested too deeply' "path:$work/locked#v"
python3 - "$node" >locked/flake.lock <<'EOP'
import sys
n = 40
print('{"version":7,"root":"n0","nodes":{' + ",".join('"n%d":{"inputs":{"a":"n%d","b":"n%d"},%s}' % (i, i + 1, i + 1, sys.argv[1]) for i in range(n)) + ',"n%d":{%s}}}' % (n, sys.argv[1]))
EOP
refused 'a lock whose nodes are shared twice at 40 levels' 'too many' "path:$work/locked#v"
for edge in '"r"' '"n"'; do # the root, at once and from further in
  echo '{"version":7,"root":"r","nodes":{"r":{"inputs":{"a":'$edge'}},"n":{"inputs":{"a":"r"},'"$node"'}}}' >locked/flake.lock
  refused "a lock whose node $edge leads to the root" 'contains a cycle to the root node' "path:$work/locked#v"
done
rm locked/flake.lock
quick() { # NAME SECONDS WORDS EVAL-WORDS...: an answer, whatever it is, in that time
  local start=$SECONDS
  eval_ "${@:4}"
  [ $((SECONDS - start)) -le "$2" ] && ok || bad "$1: took $((SECONDS - start)) seconds"
  has "$1" "$3" out
}
# Each step asks twice for the one before: of the root, and of the flake e0, whose inputs follow the root's.
flake doubling "{ inputs = { e0 = { url = \"path:./sub\"; $(for i in $(seq 44); do echo "inputs.e$i.follows = \"e$i\";"; done) }; $(for i in $(seq 45); do echo "e$i.follows = \"e$((i - 1))/e$((i - 1))\";"; done) }; outputs = _: { v = 1; }; }"
flake doubling/sub "{ inputs = { $(seq -f 'e%.0f.follows = "";' 0 44) }; outputs = _: { v = 1; }; }"
quick 'follows that double 45 times' 10 1 "path:$work/doubling#v"
is 'follows that double 45 times: the value' 1 "$(tail -n 1 out)"
flake many "{ inputs.a.url = \"path:$work/locked\"; $(seq -f 'inputs.a.inputs.n%.0f.follows = "a";' 40000) outputs = _: { v = 1; }; }"
quick '40,000 overrides' 10 non-existent "path:$work/many#v"
flake toomany "{ inputs.a.url = \"path:$work/locked\"; $(seq -f 'inputs.a.inputs.n%.0f.follows = "a";' 60000) outputs = _: { v = 1; }; }"
quick '60,000 overrides' 20 'too many' "path:$work/toomany#v"
for text in '{' '[]' '{"version":7}' '{"version":8,"root":"r","nodes":{}}' '{"version":7,"root":"r","nodes":{"r":{"inputs":{"a":[1]}}}}' \
  '{"version":7,"root":"r","nodes":{"r":{"inputs":{"a":"n"}},"n":{"locked":{"type":"path","path":"'"$work"'/secret"},"original":{"type":"path","path":"/x"}}}}'; do
  echo "$text" >locked/flake.lock
  refused "the lock file '${text:0:40}'" error: "path:$work/locked#v"
done
finish
