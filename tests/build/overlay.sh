#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Outputs that begin as another store path (overlayBase): the result is that of a builder that copies, what did not change is
# one file of both, each lives without the other, and no way to end or to cheat leaves anything else. `overlay.sh user` is
# what an ordinary user can do; root runs that as well, as a user made for it.
set -u
. "$(dirname "$0")/lib.sh"
bin=$KERNIX_BUILD/bin
nix_build() { # ATTR CHANGE [OPTION...]
  local attr=$1 change=$2
  shift 2
  timeout 120 "$bin/nix-build" --no-out-link "$here/overlay.nix" -A "$attr" --argstr change "$change" "$@" 2>"$work/err"
}
hash_of() { "$bin/nix-store" -q --hash "$1"; }
inode() { stat -c %i "$root$1"; }
sound() { "$bin/nix-store" --verify --check-contents >"$work/verify" 2>&1; }
# Everything below a path with its metadata, but for the number of links and what is an inode's own.
metadata() { (cd "$root$1" && find . -printf '%p %y %m %U %G %T@ %l\n' | sort; find . -type f -exec getfattr -d -m - {} + 2>/dev/null); }
both() { # WHAT CHANGE: an overlay and a copy are the same
  local a b
  a=$(nix_build overlay "$2") || { bad "$1: overlay: $(errors)"; return; }
  b=$(nix_build plain "$2") || { bad "$1: copy: $(errors)"; return; }
  same "$1: one hash" "$(hash_of "$b")" "$(hash_of "$a")"
  same "$1: one metadata" "$(metadata "$b")" "$(metadata "$a")"
}

test_same() {
  new_store same
  local out base
  out=$(nix_build overlay 'echo two >>d/changed; rm d/gone') || { bad "an overlay: $(errors)"; return; }
  base=$(nix_build base :)
  same "what was changed is" "changed two" "$(xargs <"$root$out/d/changed")"
  same "the base is not" changed "$(cat "$root$base/d/changed")"
  same "what was not is one file of both" "$(inode "$base/d/kept")" "$(inode "$out/d/kept")"
  same "also below folders that were not touched" "$(inode "$base/deep/er/still/y")" "$(inode "$out/deep/er/still/y")"
  check "what was changed is not" test "$(inode "$base/d/changed")" != "$(inode "$out/d/changed")"
  same "nothing refers to the base" "" "$("$bin/nix-store" -q --references "$out")"
  both "little" 'echo two >>d/changed; rm d/gone'
  both "nothing" ':'
  both "folders" 'rm -r e; mkdir e; echo n >e/n; mv f g; rm -r deep/er; echo file >deep/er; rm plain; mkdir plain; echo in >plain/in'
  both "links and modes" 'ln -sf x link; rm link2; echo file >link2; chmod +x plain; chmod -x run; ln run d/run; ln d/kept d/again; mkfifo x; rm x'
  both "unreadable" 'mkdir secret; echo s >secret/s; chmod 000 secret/s secret; chmod 000 d/kept f; chmod 0 .'
  both "all gone" 'rm -rf ./* '
  both "gone and again" 'rm -r deep; mkdir -p deep/er; rm d/kept; echo other >d/kept; touch -d 2001-01-01 run; sed -i s/z/Z/ d/gone'
  check "the store is sound" sound
  check "nothing is left" leftovers
}

# Steps by chance, the same for both. (Not `cp -r`: what it does with a folder inside of itself depends on the order of names.)
test_chance() {
  new_store chance
  local walk i change
  for walk in 1 2 3 4; do
    RANDOM=$((walk * 7919))
    change=
    for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
      local names=(d e deep deep/er deep/er/still f plain run link d/kept d/gone e/e d/new new deep/er/new)
      local a=${names[RANDOM % 15]} b=${names[RANDOM % 15]}
      case $((RANDOM % 7)) in
        0) change+="rm -rf $a; " ;;
        1) change+="mkdir -p $a || true; " ;;
        2) change+="{ echo $i >>$a; } 2>/dev/null || true; " ;;
        3) change+="mv $a $b 2>/dev/null || true; " ;;
        4) change+="ln -sfn $b $a 2>/dev/null || true; " ;;
        5) change+="ln $a $b 2>/dev/null || true; " ;;
        6) change+="cp $a $b 2>/dev/null || true; " ;;
      esac
    done
    both "walk $walk ($change)" "$change"
  done
  check "the store is sound" sound
}

test_not() {
  new_store not
  for attr in fixed not-input no-path a-file; do
    if [ "$attr" = not-input ]; then nix_build base : >/dev/null; fi
    check "$attr: $(nix_build "$attr" : || errors)" test -n "$(nix_build "$attr" :)"
  done
}

test_life() {
  new_store life
  local out base
  out=$(nix_build overlay 'echo 1 >>d/changed')
  base=$(nix_build base :)
  "$bin/nix-store" --delete "$base" >/dev/null 2>&1
  check "the base is gone" test ! -e "$root$base"
  check "what began as it is whole" sound
  same "to the last file" kept "$(cat "$root$out/d/kept")"
  base=$(nix_build base :)
  out=$(nix_build overlay 'echo 2 >>d/changed')
  "$bin/nix-store" --delete "$out" >/dev/null 2>&1
  check "and the other way round" test ! -e "$root$out"
  check "the base is whole" sound
  same "with its modes" "444 555" "$(stat -c %a "$root$base/d/kept" "$root$base/d" | xargs)"
  out=$(nix_build overlay 'echo 3 >>d/changed')
  check "--check builds the same: $(nix_build overlay 'echo 3 >>d/changed' --check 2>&1)" test $? = 0
  "$bin/nix-store" --optimise 2>/dev/null
  check "optimised, it is sound" sound
  out=$(nix_build overlay 'echo 4 >>d/changed; rm d/gone')
  check "on an optimised base: $(errors)" test -n "$out"
  check "sound as well" sound
  "$bin/nix-store" --gc >/dev/null 2>&1
  same "all is garbage" "" "$(find "$root/nix/store" -mindepth 1 -maxdepth 1 ! -name .links)"
}

test_kill() {
  new_store kill
  local i pid
  nix_build base : >/dev/null
  for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
    setsid "$bin/nix-build" --no-out-link "$here/overlay.nix" -A overlay --argstr change "echo $i >>d/changed; rm d/gone" >"$work/out" 2>&1 &
    pid=$!
    sleep "0.0$(printf %02d "$i")" # in steps of a millisecond: a process that once outlived its caller with the locks did so for a moment only
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    check "killed at $i: built again" test -n "$(nix_build overlay "echo $i >>d/changed; rm d/gone")"
  done
  check "the store is sound" sound
  check "nothing is left" leftovers
  check "no process is left: $(pgrep -af "$work")" test -z "$(pgrep -f "$here/overlay.nix")"
}

# What a builder may try against its base, and leave for whoever takes the output over.
test_hostile() {
  new_store hostile
  local base before out what
  base=$(nix_build base :)
  before=$(metadata "$base")$(hash_of "$base")
  nix_build overlay 'mknod x c 0 0 2>/dev/null && echo MADE' >/dev/null
  check "no sign of an overlay can be made" test -z "$(grep MADE "$work/err")"
  nix_build overlay 'mkfifo d/fifo' >/dev/null
  has "a FIFO is refused" "$(errors)" "unsupported type"
  nix_build overlay 'mkfifo d/kept2; chmod 000 d; chmod 000 .' >/dev/null
  has "also below folders without modes" "$(errors)" "unsupported type"
  out=$(nix_build overlay 'cp /bin/true d/true; chmod 4755 d/true 2>/dev/null || chmod 755 d/true; chmod 2777 d 2>/dev/null || true')
  same "nothing is setuid or setgid" "" "$(find "$root$out" -perm /6000)"
  nix_build overlay 'setfattr -n user.overlay.opaque -v y e 2>/dev/null || python3 -c "import os; os.setxattr(\"e\", \"user.overlay.opaque\", b\"y\")" 2>/dev/null && echo MADE' >/dev/null
  check "no attribute can be set" test -z "$(grep MADE "$work/err")"
  what='for f in $(find . -type f) $overlayBase/plain /.overlay/own/* /.overlay/lower/*; do chmod 777 $f || true; echo evil >>$f || true; done; mount -o remount,rw / || true; rm -rf $overlayBase /nix/store/*-tree/d || true'
  out=$(nix_build overlay "{ $what; } 2>/dev/null")
  same "whatever it writes, the base stays" "$before" "$(metadata "$base")$(hash_of "$base")"
  check "what it wrote is there" grep -q evil "$root$out/run"
  nix_build overlay 'truncate -s 3G d/sparse; ln d/sparse d/sparse2; rm d/sparse2; truncate -s 10 d/sparse; x=.; for i in $(seq 50); do x=$x/sub; done; mkdir -p $x; ln -s /etc/shadow d/shadow; rm -r e; ln -s /etc e' >"$work/out"
  out=$(cat "$work/out")
  same "links are links" "/etc/shadow /etc" "$(readlink "$root$out/d/shadow" "$root$out/e" | xargs)"
  same "nobody has an attribute of overlayfs" "" "$(getfattr -R -h -m - "$root$out" "$root$base" 2>/dev/null | grep overlay)"
  out=$(nix_build overlay 'grep ^CapEff: /proc/self/status | cut -f2 >d/changed')
  same "it may write its own read-only files, and nothing else" 0000000000000002 "$(cat "$root$out/d/changed")"
  check "the store is sound" sound
  check "nothing is left" leftovers
}

# Where overlayfs cannot have its layers (here: on another overlay) builders copy.
test_without() {
  local low=$work/low alone=-m
  # Root fails at the lower layer, before the sandbox; a user in it.
  [ "$(id -u)" = 0 ] || alone=-Urm
  mkdir -p "$low" "$work/up" "$work/wk" "$work/mnt"
  export -f nix_build
  out=$(unshare $alone bash -c "mount -t overlay overlay -o lowerdir=$low,upperdir=$work/up,workdir=$work/wk,userxattr $work/mnt || exit 77
    export NIX_REMOTE='local?root=$work/mnt'
    bin=$bin here=$here work=$work
    nix_build either 'echo 1 >>d/changed' >/dev/null; cat $work/err
    $bin/nix-store -q --hash \$(nix_build either 'echo 1 >>d/changed') \$(nix_build plain 'echo 1 >>d/changed') | uniq | wc -l" 2>&1)
  [ $? != 77 ] || { skip "no overlay can be mounted"; return; }
  has "without an overlay it is copied" "$out" "copied"
  same "to the same contents" 1 "$(tail -n 1 <<<"$out")"
}

test_full() {
  local kib out
  truncate -s 40M "$work/disk" && mkfs.ext4 -q -m 0 "$work/disk" && mkdir -p "$work/full" && mount -o loop "$work/disk" "$work/full" 2>/dev/null || { skip "no loop device can be mounted"; return; }
  root=$work/full
  export NIX_REMOTE="local?root=$root"
  nix_build base : >/dev/null
  nix_build overlay 'head -c 60000000 /dev/zero >d/big' >/dev/null
  check "a full disk fails the build" test $? != 0
  has "in clear words" "$(errors)" "No space left"
  out=$(nix_build overlay 'echo 1 >>d/changed')
  check "and leaves room for the next: $(errors)" test -n "$out"
  check "the store is sound" sound
  umount "$work/full"
}

# The source of a kernel, as configurations give it: a tarball or a folder, patches, hooks, a seed.
test_kernel() {
  new_store kernel
  local dir=$work/linux-1 tree folder one words out
  mkdir -p "$dir/scripts" "$dir/drivers" && cd "$work" || return
  printf 'a\nb\nc\n' >"$dir/Makefile"
  echo k >"$dir/Kbuild"
  echo d >"$dir/drivers/d.c"
  echo 'SEED=$(od -A n -t x8 -N 32 /dev/urandom | tr -d '"' \\n'"')' >"$dir/scripts/gen-randstruct-seed.sh"
  chmod 755 "$dir/scripts/gen-randstruct-seed.sh"
  tar -cJf "$work/linux-1.tar.xz" linux-1
  printf -- '--- a/Makefile\n+++ b/Makefile\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n' >"$work/one.patch"
  words=(-I "nixpkgs=$KERNIX_SRC/nixpkgs" --no-out-link -E)
  source_of() { "$bin/nix-build" "${words[@]}" "(import <nixpkgs> {}).linuxSource ({ version = \"1\"; } // $1)" 2>"$work/err"; }
  tree=$(source_of "{ src = $work/linux-1.tar.xz; }") || { bad "a tarball: $(errors)"; return; }
  one=$(source_of "{ src = $work/linux-1.tar.xz; patches = [ $work/one.patch ]; prePatch = \"echo pre >>Kbuild\"; postPatch = \"echo post >>Kbuild; test \$(cat Makefile | tr -d '\\\\n') = aBc\"; randstructSeed = \"s\"; }") || { bad "a patched one: $(errors)"; return; }
  same "it is patched, between its hooks" "a B c k pre post" "$(xargs <"$root$one/Makefile") $(xargs <"$root$one/Kbuild")"
  same "the seed is there" "SEED=\$(printf %s $(printf s | sha256sum | cut -d' ' -f1))" "$(cat "$root$one/scripts/gen-randstruct-seed.sh")"
  same "nothing complains" "" "$(grep -i 'read-only\|warning: [^ty]' "$work/err")"
  same "what no patch touches is one file" "$(inode "$tree/drivers/d.c")" "$(inode "$one/drivers/d.c")"
  same "its modes are canonical" "555 444" "$(stat -c %a "$root$one/scripts/gen-randstruct-seed.sh" "$root$one/Makefile" | xargs)"
  folder=$(source_of "{ src = $dir; }") || { bad "a folder: $(errors)"; return; }
  same "a folder is the same tree" "$(hash_of "$tree")" "$(hash_of "$folder")"
  check "and nothing is copied" test "$(stat -c %h "$root$folder/Kbuild")" -ge 2
  rm "$dir/Kbuild"
  source_of "{ src = $dir; }" >/dev/null
  has "what is no kernel is told" "$(errors)" "is not the source of a Linux kernel"
  # A shell copies, and leaves the store alone.
  out=$work/shell
  "$bin/nix-shell" -I "nixpkgs=$KERNIX_SRC/nixpkgs" -E "(import <nixpkgs> {}).linuxSource { version = \"1\"; src = $work/linux-1.tar.xz; patches = [ $work/one.patch ]; }" \
    --run "out=$out; genericBuild" >"$work/said" 2>&1
  same "so does a shell: $(tail -n 3 "$work/said")" "a B c" "$(xargs <"$out/Makefile")"
  check "the store is sound" sound
}

run() { for t in $1; do "test_$t"; done; }
user_tests="same chance not life kill hostile without"
case ${1:-all} in
user) run "$user_tests" ;;
all)
  run "$user_tests"
  if [ "$(id -u)" != 0 ]; then
    skip "mounting needs root"
  elif ! id kernixtest >/dev/null 2>&1 && ! useradd -m kernixtest 2>"$work/useradd"; then
    skip "as an ordinary user: $(cat "$work/useradd")"
  else
    run "full kernel"
    user_dir=$(mktemp -d /tmp/build-user.XXXXXX)
    mkdir -p "$user_dir/b/bin"
    cp -r "$here" "$user_dir/build" && cp "$KERNIX_BUILD/kernix" "$user_dir/b/"
    for name in nix-build nix-store; do ln -s ../kernix "$user_dir/b/bin/$name"; done
    chown -R kernixtest "$user_dir" && chmod -R a+rX "$user_dir"
    su kernixtest -c "cd $user_dir && env -u KERNIX_REPORT TMPDIR=$user_dir KERNIX_BUILD=$user_dir/b PATH=$PATH bash build/overlay.sh user" >"$work/user" 2>&1
    read -r p _ f _ s _ <<<"$(tail -n 1 "$work/user")"
    sed 's/^/user: /' "$work/user"
    passed=$((passed + p)) failed=$((failed + ${f:-1})) skipped=$((skipped + ${s:-0}))
    rm -rf "$user_dir"
    userdel -r kernixtest 2>/dev/null
  fi
  ;;
*) run "$1" ;;
esac
[ $failed = 0 ]
