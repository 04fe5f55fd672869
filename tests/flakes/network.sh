#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Inputs from servers: archives, github, gitlab, sourcehut (a forge on this machine), git. What is locked is what came; a locked input is
# fetched from where its lock says and must be the same; without a network the missing one is named. With KERNIX_NEW_NIX (see people.sh)
# lock files are compared with Nix's.
set -u
work=$(mktemp -d /dev/shm/kernix-flakes.XXXXXX 2>/dev/null || mktemp -d "${TMPDIR:-/tmp}/flakes.XXXXXX") # in memory: much is synced
server= daemon=
cleanup() {
  [ -z "$server" ] || kill "$server" 2>/dev/null
  [ -z "$daemon" ] || kill "$daemon" 2>/dev/null
  chmod -R u+w "$work"
  rm -rf "$work"
}
trap cleanup EXIT
. "$(dirname "$0")/lib.sh"
nix=${KERNIX_NEW_NIX:-}
for program in python3 openssl git; do
  command -v $program >/dev/null || { echo "no $program: nothing can be tested"; exit 77; }
done
cd "$work" || exit 1

# The repository: a flake with an input of its own.
mkdir -p repo served/files
echo '{ outputs = _: { v = 7; }; }' >repo/flake.nix
echo data >repo/data
commit repo
rev=$(git -C repo rev-parse HEAD)
git -C repo archive --format=tar --prefix=r-1/ HEAD | gzip -n >served/archive.tar.gz
for name in a latest "$rev"; do cp served/archive.tar.gz "served/files/$name.tar.gz"; done
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out cert.pem 2>/dev/null
cat cert.pem key.pem >both.pem
export NIX_SSL_CERT_FILE=$work/cert.pem
[ -z "$nix" ] || export SERVE_PORT=443 # Nix takes no other of a forge
python3 "$flakes/serve.py" "$work/served" "$work/port" "$work/both.pem" "$rev" &
server=$!
for _ in $(seq 100); do [ -s port ] || sleep 0.1; done
[ -s port ] || { echo "the server did not start"; exit 1; }
at=127.0.0.1:$(cat port)
[ -z "$nix" ] || at=127.0.0.1

flake() { # NAME URL, or NAME ATTRIBUTES
  local input="url = \"$2\";"
  case $2 in *=*\;) input=$2 ;; esac
  mkdir -p "$1"
  echo "{ inputs.a = { $input }; outputs = { self, a }: { v = a.v or \"none\"; rev = a.rev or \"none\"; d = a.lastModifiedDate; p = a.outPath; }; }" >"$1/flake.nix"
}
locks() { # NAME: locks it, as Nix does
  (cd "$1" && "$bin/nix" flake lock) >"$1.err" 2>&1 || bad "$1: locking" "$(cat "$1.err")"
  is "$1: its input" 7 "$(cd "$1" && "$bin/nix" eval .#v 2>&1 | tail -n 1)"
  [ -n "$nix" ] || return
  mkdir -p theirs && cp "$1/flake.nix" theirs/
  (cd theirs && $nix flake lock) >"$1.err" 2>&1
  if cmp -s theirs/flake.lock "$1/flake.lock"; then ok; else bad "$1: the lock file is Nix's" "$(cat "$1.err"; diff theirs/flake.lock "$1/flake.lock")" 40; fi
  rm -rf theirs
}
flake tarball "https://$at/a.tar.gz"
locks tarball
flake lasting "https://$at/latest.tar.gz"
locks lasting
has 'an address that lasts is what is locked' "/$rev.tar.gz" lasting/flake.lock
flake github "type = \"github\"; owner = \"o\"; repo = \"r\"; host = \"$at\";"
locks github
has 'github: the revision is locked' "\"rev\": \"$rev\"" github/flake.lock
is 'github: self of the input' "\"$rev\"" "$(cd github && "$bin/nix" eval .#rev)"
flake branch "type = \"github\"; owner = \"o\"; repo = \"r\"; ref = \"main\"; host = \"$at\";"
locks branch
flake gitlab "type = \"gitlab\"; owner = \"o\"; repo = \"r\"; host = \"$at\";"
locks gitlab
flake sourcehut "type = \"sourcehut\"; owner = \"~o\"; repo = \"r\"; host = \"$at\";"
locks sourcehut
is 'forges give the same tree' "$(cd github && "$bin/nix" eval --raw .#p)" "$(cd gitlab && "$bin/nix" eval --raw .#p)"

# git by its own protocol, and its branch
git clone -q --bare repo served.git && touch served.git/git-daemon-export-ok
port=$((20000 + RANDOM % 20000))
git daemon --reuseaddr --listen=127.0.0.1 --port=$port --base-path="$work" "$work" >daemon.log 2>&1 &
daemon=$!
for _ in $(seq 50); do git ls-remote "git://127.0.0.1:$port/served.git" >/dev/null 2>&1 && break; sleep 0.1; done
flake git "git://127.0.0.1:$port/served.git"
locks git
has 'git: the branch is locked' '"ref": "refs/heads/main"' git/flake.lock
kill "$daemon"
wait "$daemon" 2>/dev/null
daemon=

# Another store: a locked input comes from where its lock says, without asking for the branch again.
rm -f served/requests
is 'a locked input is fetched again' 7 "$(cd github && NIX_REMOTE="local?root=$work/other" "$bin/nix" eval .#v 2>"$work/err")"
is 'by its revision alone' "/o/r/archive/$rev.tar.gz" "$(cat served/requests)"

# What comes is not what was locked.
mkdir x && echo '{ outputs = _: { v = 8; }; }' >x/flake.nix && tar -czf served/archive.tar.gz x
(cd github && NIX_REMOTE="local?root=$work/third" "$bin/nix" eval .#v) >out 2>&1
is 'another tree: the exit status' 102 $?
has 'another tree' "NAR hash mismatch in input 'github:o/r/$rev" out
is 'what is in the store needs no server' 7 "$(cd github && "$bin/nix" eval .#v)"

# No network.
kill "$server"
wait "$server" 2>/dev/null
server=
(cd github && NIX_REMOTE="local?root=$work/fourth" "$bin/nix" eval .#v) >out 2>&1
is 'offline: the exit status' 1 $?
has 'offline: which one' "the input 'a' (github:o/r/$rev" out
has 'offline: what to do' '--override-input a path:DIR' out
is 'offline, with a copy' 7 "$(cd github && NIX_REMOTE="local?root=$work/fourth" "$bin/nix" eval --override-input a "path:$work/repo" .#v 2>out)"
flake new "github:o/r?host=$at"
(cd new && "$bin/nix" eval .#v) >out 2>&1
is 'offline, not locked' 1 $?
has 'offline, not locked: which one' "the input 'a' (github:o/r?host=$at) is not in the store and cannot be fetched" out
# An input of an input is named by its path.
mkdir -p outer
echo "{ inputs.b.url = \"path:$work/github\"; inputs.nixpkgs.url = \"path:$work/repo\"; outputs = { self, b, ... }: { v = b.v; }; }" >outer/flake.nix
(cd outer && "$bin/nix" eval .#v) >out 2>&1
(cd outer && NIX_REMOTE="local?root=$work/fifth" "$bin/nix" eval .#v) >out 2>&1
has 'offline: an input of an input' '--override-input b/a path:DIR' out
finish
