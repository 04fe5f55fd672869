#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Lock files to the byte: git, folders, archives, sub-flakes, 'follows' of every kind, overrides, nested lock files, and what each
# command changes. locks/STEP.lock is what Nix 2.34 wrote in the same place; KERNIX_RECORD=1 with KERNIX_NEW_NIX (people.sh) writes them anew.
# Addresses and hashes have the place in them, so it is always the same one, and one test at a time has it.
set -u
work=/tmp/kernix-flake-locks
exec 9>"$work.lock"
flock 9
rm -rf "$work"
mkdir -m 700 "$work" || { echo "$work is somebody else's"; exit 77; }
trap 'chmod -R u+w "$work"; rm -rf "$work"; rm -f "$work.lock"' EXIT
. "$(dirname "$0")/lib.sh"
nix="$bin/nix"
[ -z "${KERNIX_RECORD:-}" ] || nix=$KERNIX_NEW_NIX
cd "$work" || exit 1

text() { # FILE; its text from standard input
  mkdir -p "$(dirname "$1")"
  cat >"$1"
}
repository() { # NAME; its flake.nix
  text "$1/flake.nix"
  commit "$1"
}
again() { # NAME MESSAGE: what is there is committed
  git -C "$1" add -A && git -C "$1" commit -q --allow-empty -m "$2"
}
step() { # STEP COMMAND...: in the folder top
  local name=$1
  shift
  (cd top && $nix flake "$@") >"$work/err" 2>&1 || bad "$name" "$(cat "$work/err")"
  if [ -n "${KERNIX_RECORD:-}" ]; then
    cp top/flake.lock "$flakes/locks/$name.lock" && ok
  elif cmp -s top/flake.lock "$flakes/locks/$name.lock"; then
    ok
  else
    bad "$name: not the lock file that Nix writes" "$(diff "$flakes/locks/$name.lock" top/flake.lock)" 30
  fi
  again top "$name"
}

text data/file <<<'data'
touch -h -d @1700000001 data/file && touch -h -d @1700000002 data
text archive/a-1/flake.nix <<<'{ outputs = _: { }; }'
tar -C archive --sort=name --owner=0 --group=0 --mtime=@1700000003 -cf - a-1 | gzip -n >archive.tar.gz
repository base <<'EOF'
{ inputs.data = { url = "path:/tmp/kernix-flake-locks/data"; flake = false; }; outputs = _: { }; }
EOF
git -C base branch old
repository middle <<'EOF'
{
  inputs.base.url = "git+file:///tmp/kernix-flake-locks/base";
  inputs.other.url = "git+file:///tmp/kernix-flake-locks/base?ref=old";
  outputs = _: { };
}
EOF
repository far <<'EOF'
{
  inputs.middle.url = "git+file:///tmp/kernix-flake-locks/middle";
  inputs.base.follows = "middle/base";
  outputs = _: { };
}
EOF
mkdir top
cat >top/flake.nix <<'EOF'
{
  inputs = {
    base.url = "git+file:///tmp/kernix-flake-locks/base";
    named = { type = "git"; url = "file:///tmp/kernix-flake-locks/base"; ref = "old"; };
    tree = { url = "git+file:///tmp/kernix-flake-locks/middle"; flake = false; };
    folder = { url = "path:/tmp/kernix-flake-locks/data"; flake = false; };
    archive.url = "file:///tmp/kernix-flake-locks/archive.tar.gz";
    file = { url = "file+file:///tmp/kernix-flake-locks/archive.tar.gz"; flake = false; };
    far.url = "git+file:///tmp/kernix-flake-locks/far";
  };
  outputs = _: { };
}
EOF
git -C top init -q -b main && git -C top add -A
step 01-kinds lock
rev=$(git -C base rev-parse HEAD)
text base/more <<<more
again base two
step 02-nothing-new lock
step 03-one update named base
sed -i 's#    base.url.*#    base.url = "git+file:///tmp/kernix-flake-locks/base?rev='"$rev"'";#' top/flake.nix
step 04-a-revision lock
sed -i -e '/named =/d' -e '/tree =/d' -e '/file =/d' -e 's#    far.url.*#&\n    far.inputs.middle.inputs.base.follows = "base";#' top/flake.nix
step 05-gone-and-follows lock
sed -i 's#    far.inputs.*#    far.inputs.middle.follows = "middle"; middle.url = "git+file:///tmp/kernix-flake-locks/middle"; middle.inputs.base.follows = "base"; middle.inputs.other.follows = "";#' top/flake.nix
step 06-follows-all lock
text top/sub/flake.nix <<'EOF'
{ inputs.base.url = "git+file:///tmp/kernix-flake-locks/base"; inputs.deep.url = "path:./deep"; outputs = _: { }; }
EOF
text top/sub/deep/flake.nix <<'EOF'
{ inputs.up.url = "path:../../beside"; outputs = _: { }; }
EOF
text top/beside/flake.nix <<<'{ outputs = _: { }; }'
sed -i 's#    folder = .*#    sub.url = "path:./sub"; sub.inputs.base.follows = "base";#' top/flake.nix
git -C top add -A
step 07-sub-flakes lock
# A flake with a lock file of its own: that is taken over.
(cd middle && $nix flake lock) >/dev/null 2>&1
again middle locked
text base/third <<<third
again base three
step 08-own-lock update middle
step 09-below update middle/other
step 10-override lock --override-input archive git+file:///tmp/kernix-flake-locks/base
step 11-sticky lock
step 12-all update
# An input's input that is something else, and one that is not there any more.
sed -i 's#    far.inputs.*#    far.inputs.middle.url = "git+file:///tmp/kernix-flake-locks/base"; far.inputs.base.follows = "archive";#' top/flake.nix
step 13-other lock
text far/flake.nix <<<'{ outputs = _: { }; }'
again far two
sed -i 's#    far.inputs.*##' top/flake.nix
step 14-simpler update far
finish
