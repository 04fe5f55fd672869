#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Stores that somebody else filled: rows that are no store paths, links in the place of the store's own files. Nothing outside of the
# store's folder is deleted, written or read, and what is refused is refused with a word.
set -u
. "$(dirname "$0")/../build/lib.sh"
export PATH=$KERNIX_BUILD/bin:$PATH
victim=$work/victim

new_victim() {
  rm -rf "$victim"
  mkdir -p "$victim/sub"
  echo precious >"$victim/file"
  echo precious >"$victim/sub/file"
  chmod 640 "$victim/file"
}
whole() { # WHAT: the victim is as it was
  same "$1: nothing outside is touched" "640 precious sub/file precious" \
    "$(stat -c %a "$victim/file") $(cat "$victim/file") $(cd "$victim" && ls -d sub/* | xargs) $(cat "$victim/sub/file")"
  same "$1: nothing is added outside" "file sub" "$(ls -A "$victim" | xargs)"
}
filled() { # NAME: a store with a path in it
  new_store "$1"
  new_victim
  echo text >"$work/text"
  path=$(nix-store --add "$work/text")
}
sql() { sqlite3 "$root/nix/var/nix/db/db.sqlite" "$1"; }
refused() { # WHAT TEXT COMMAND...
  local what=$1 text=$2
  shift 2
  "$@" >"$work/said" 2>&1 </dev/null
  check "$what: is refused" test $? != 0
  has "$what: says why" "$(cat "$work/said")" "$text"
}
row() { # PATH: a row of the database that somebody else wrote
  sql "insert into ValidPaths (path, hash, registrationTime, narSize) values ('$1', 'sha256:$(printf 0%.0s {1..64})', 1, 1)"
}

test_rows() {
  local up=/nix/store/../../../victim
  filled rows
  row "$up"
  refused "a row that leads out, --gc" "is not a store path" nix-store --gc
  whole "a row that leads out, --gc"
  refused "a row that leads out, --delete" "" nix-store --delete "$up"
  whole "a row that leads out, --delete"
  refused "a row that leads out, --optimise" "is not a store path" nix-store --optimise
  sql "insert into Refs select a.id, b.id from ValidPaths a, ValidPaths b where a.path = '$path' and b.path = '$up'"
  refused "a reference that leads out, --export" "is not a store path" nix-store --export "$path"
  refused "a reference that leads out, --query" "is not a store path" nix-store --query --requisites "$path"
  sql "delete from Refs"
  nix-store --verify >"$work/said" 2>&1
  has "--verify forgets the row" "$(cat "$work/said")" "path '$up' disappeared"
  whole "--verify"
  nix-store --gc >/dev/null 2>&1
  same "and what is left is collected" "0 0" "$? $(sql 'select count(*) from ValidPaths')"
  filled rows-invalid
  refused "no row, --delete" "" nix-store --delete "$up"
  whole "no row, --delete"
}

test_temproots() {
  filled temproots
  mkdir -p "$root/nix/var/nix/temproots"
  ln -s "$victim/file" "$root/nix/var/nix/temproots/4194000"
  refused "a link among the temporary roots, --gc" "opening temporary roots file" nix-store --gc
  whole "a link among the temporary roots"
  check "and nothing was collected" test -e "$root$path"
  rm "$root/nix/var/nix/temproots/4194000"
  mkfifo "$root/nix/var/nix/temproots/4194000"
  refused "a FIFO among the temporary roots, --gc" "is not a regular file" timeout 10 nix-store --gc
  rm "$root/nix/var/nix/temproots/4194000"
  # Our own file of temporary roots: the process's number is known before it opens it.
  (
    ln -s "$victim/file" "$root/nix/var/nix/temproots/$BASHPID"
    exec nix-store --add "$work/err"
  ) >"$work/said" 2>&1
  whole "our own temporary roots"
}

# link NAME TARGET: NAME below the root, moved away, becomes a link to it
link() {
  [ ! -e "$root/$1" ] || mv "$root/$1" "$work/moved"
  mkdir -p "$(dirname "$root/$1")"
  ln -s "$2" "$root/$1"
}
test_links() {
  local name n=0
  : >"$work/err"
  for name in nix nix/store nix/store/.links nix/var nix/var/nix nix/var/nix/db nix/var/nix/temproots nix/var/nix/gcroots nix/var/nix/gcroots/auto \
    nix/var/nix/profiles nix/var/nix/gc-socket nix/var/log/nix; do
    filled "links-$((n++))"
    link "$name" "$victim/sub"
    refused "$name is a link, --add" "is a symlink" nix-store --add "$work/err"
    refused "$name is a link, --gc" "is a symlink" nix-store --gc
    refused "$name is a link, read-only" "is a symlink" nix-store --query --hash "$path" --store "local?root=$root&read-only=true"
    whole "$name is a link"
    rm -rf "$work/moved"
  done
  for name in db/db.sqlite db/db.sqlite-wal db/db.sqlite-shm db/schema db/reserved db/big-lock gc.lock gc-socket/socket; do
    filled "links-$((n++))"
    link "nix/var/nix/$name" "$victim/file"
    refused "$name is a link, --add" "is a symlink" nix-store --add "$work/err"
    refused "$name is a link, --gc" "is a symlink" nix-store --gc
    whole "$name is a link"
    rm -rf "$work/moved"
  done
  # Where the link leads to nothing that is there, nothing is made there either.
  filled "links-$((n++))"
  rm -rf "$root/nix"
  mkdir "$root/nix"
  ln -s "$victim/new" "$root/nix/store"
  ln -s "$victim/new" "$root/nix/var"
  refused "links to nowhere" "is a symlink" nix-store --add "$work/err"
  whole "links to nowhere"
}

# The same where the kernel has no openat2.
test_old_kernel() {
  local name old=(strace -f -o /dev/null -e trace=openat2 -e inject=openat2:error=ENOSYS)
  "${old[@]}" true 2>/dev/null || { skip "strace does not work here"; return; }
  filled old-kernel
  check "without openat2 a store works" "${old[@]}" nix-store --query --hash "$path" >/dev/null
  for name in nix/store nix/var nix/var/nix/db nix/var/nix/db/db.sqlite; do
    filled "old-kernel-$(basename $name)"
    link "$name" "$victim/sub"
    refused "without openat2, $name is a link" "is a symlink" "${old[@]}" nix-store --add "$work/err"
    whole "without openat2, $name is a link"
    rm -rf "$work/moved"
  done
}

# What a build leaves when it is killed names a folder elsewhere, which the next build removes: only if it is that build's.
test_build() {
  local expr drv out dir=$TMPDIR/nix-build-victim
  expr='derivation { name = "one"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo one >$out" ]; }'
  filled build
  mkdir -p "$dir" "$root/nix/var/log/nix"
  echo precious >"$dir/file"
  drv=$(nix-instantiate -E "$expr" 2>/dev/null)
  mkdir "$root$drv.chroot" "$root/nix/store/00000000000000000000000000000000-x.drv.chroot"
  printf %s "$dir" | tee "$root$drv.chroot/build-dir" >"$root/nix/store/00000000000000000000000000000000-x.drv.chroot/build-dir"
  chmod 700 "$root"/nix/store/*.chroot
  ln -s "$victim/sub" "$root/nix/var/log/nix/drvs"
  out=$(nix-build --no-out-link -E "$expr" 2>/dev/null)
  same "a build" one "$(cat "$root$out")"
  same "a note that somebody left: its folder stays" precious "$(cat "$dir/file")"
  check "and its scratch folder goes" test ! -e "$root$drv.chroot"
  whole "a build with a link in the place of its logs"
  rm -rf "$dir"
}

# A derivation that somebody put into the store, with an output elsewhere: what is in the output's place is removed before a build.
test_derivation() {
  local expr drv up=/nix/store/../../../victim
  expr='derivation { name = "two"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo two >$out" ]; }'
  filled derivation
  drv=$(nix-instantiate -E "$expr" 2>/dev/null)
  chmod u+w "$root$drv" "$root/nix/store"
  sed -i "s#/nix/store/[0-9a-z]*-two\"#$up\"#g; s#>\$out#>/nix/store/victim#" "$root$drv"
  refused "an output that leads out, --realise" "is not in the Nix store" nix-store --realise "$drv"
  whole "an output that leads out, --realise"
  rm -f "$root$drv" && mkfifo "$root$drv"
  refused "a derivation that is a FIFO" "" timeout 10 nix-store --realise "$drv"
  check "it does not wait" test "$(timeout 10 nix-store --realise "$drv" >/dev/null 2>&1; echo $?)" != 124
}

# What is in the place of the store's own files is not waited for.
test_fifos() {
  local name
  for name in db/schema db/reserved db/db.sqlite db/big-lock gc.lock; do
    filled "fifo-${name##*/}"
    rm -f "$root/nix/var/nix/$name" && mkfifo "$root/nix/var/nix/$name"
    refused "$name is a FIFO" "is not a regular file" timeout 10 nix-store --query --hash "$path"
  done
}

# A database is a program of whoever made it: views and triggers do not run.
test_program() {
  local other
  filled program-view
  sql "alter table ValidPaths rename to V; create view ValidPaths as with recursive c(x) as (select 1 union all select x + 1 from c)
    select x as id, '$path' as path, 'h' as hash, 1 as registrationTime, null as deriver, 1 as narSize, 0 as ultimate, '' as sigs, '' as ca from c where x < 0"
  refused "a view without end" "SQLite database" timeout 10 nix-store --query --hash "$path"
  filled program-trigger
  echo other >"$work/other"
  sql "create trigger t after insert on ValidPaths begin delete from ValidPaths where path = '$path'; end"
  other=$(nix-store --add "$work/other")
  same "a trigger does not run" "$(printf '%s\n' "$path" "$other" | sort)" "$(sql 'select path from ValidPaths order by path')"
  # What the trigger of the schema is for.
  sql "insert into Refs select id, id from ValidPaths"
  nix-store --delete "$path" >"$work/said" 2>&1
  same "a path that refers to itself can be deleted" "0 $other" "$? $(sql 'select path from ValidPaths')"
  same "and its references go" 1 "$(sql 'select count(*) from Refs')"
}

test_own_links() {
  filled own
  mv "$root" "$root.real" && ln -s "$root.real" "$root"
  check "the root itself may be named by a link" nix-store --query --hash "$path" >/dev/null
  filled ignore
  mkdir "$root/elsewhere"
  mv "$root/nix/store" "$root/elsewhere/" && ln -s ../elsewhere/store "$root/nix/store"
  refused "a store that is a link" "NIX_IGNORE_SYMLINK_STORE=1" nix-store --verify
  check "it can be allowed" env NIX_IGNORE_SYMLINK_STORE=1 nix-store --verify 2>/dev/null
}

test_rows
test_temproots
test_links
test_old_kernel
test_build
test_derivation
test_own_links
test_fifos
test_program
[ "$failed" = 0 ]
