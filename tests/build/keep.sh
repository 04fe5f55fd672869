#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Kept object trees, on a little tree that is built as kernels are: what an incremental build makes is what a clean
# one makes; a tree is used only when nothing speaks against it; nothing that was half made is ever trusted.
# shellcheck source=tests/build/lib.sh
. "$(dirname "$0")/lib.sh"
export PATH=$KERNIX_BUILD/bin:$PATH
tree=$work/tree
walks=${KEEP_WALKS:-10}

# build_tree STORE [ARG...]: path on stdout, what was said in $work/said
build_tree() {
    local store=$1
    shift
    NIX_REMOTE="local?root=$work/$store" nix-build "$here/keep/tree.nix" --no-out-link --arg source "$tree" \
        --argstr options "$options" --argstr version "$version" "$@" 2>"$work/said"
}
hash_of() { NIX_REMOTE="local?root=$work/$1" nix-store -q --hash "$2"; } # STORE PATH
objects() { echo "$work/$1/nix/var/nix/kernix/objects"; }
trees() { find "$(objects "$1")" -mindepth 1 -maxdepth 1 ! -name '.*' | wc -l; }
rubbish() { find "$(objects "$1")" -mindepth 1 -maxdepth 1 -name '.*' ! -name .lock; }

# What a clean build makes, in a store that keeps nothing.
clean() { build_tree clean --option incremental false "$@"; }

# step STORE WHAT [ARG...]: builds with kept objects and without, and compares.
step() {
    local store=$1 what=$2 got want
    shift 2
    got=$(build_tree "$store" --option incremental true "$@") || { bad "$what: $(cat "$work/said")"; return; }
    cp "$work/said" "$work/kept"
    want=$(clean "$@") || { bad "$what, clean: $(cat "$work/said")"; return; }
    same "$what: same path" "$want" "$got"
    same "$what: same content" "$(hash_of clean "$want")" "$(hash_of "$store" "$got")"
}
said() { has "$1" "$(cat "$work/kept")" "$2"; }
compiled() { same "$1" "compiled $2" "$(grep -o 'compiled [0-9]*' "$work/kept")"; }

fresh_tree() {
    rm -rf "$tree"
    mkdir -p "$tree/include" "$tree/first" "$tree/scripts" "$tree/arch/mini"
    cp "$here/keep/Makefile" "$tree/Makefile"
    for i in 1 2 3 4 5 6; do
        printf '#include "common.h"\n#include "h%s.h"\nint f%s = COMMON;\n#ifdef CONFIG_%s\nint g%s = CONFIG_%s;\n#endif\n' \
            $((i % 3)) "$i" "$(letter "$i")" "$i" "$(letter "$i")" >"$tree/c$i.c"
    done
    for i in 0 1 2; do echo "int h$i;" >"$tree/include/h$i.h"; done
    echo "#define COMMON 1" >"$tree/include/common.h"
    echo echo >"$tree/scripts/tool.sh"
    echo 'ifdef CONFIG_B' >"$tree/arch/mini/Makefile"
    options=$'CONFIG_A=1\nCONFIG_C=1\n'
    version=1.1.1
}
letter() { printf '%b' "\\x$(printf %x $((64 + $1)))"; }
set_option() { # NAME VALUE ("" turns it off)
    options=$(grep -v "^CONFIG_$1=" <<<"$options")$'\n'
    [ -z "$2" ] || options+="CONFIG_$1=$2"$'\n'
    options=$(grep . <<<"$options" | sort)$'\n'
}

what_is_compiled() {
    fresh_tree
    step one "first"
    compiled "first: all" 6
    set_option C 2
    step one "an option"
    said "an option" "objects of an earlier build (1 options, 0 files differ)"
    compiled "an option: what reads it" 1
    echo "int more;" >>"$tree/c2.c"
    step one "a file"
    compiled "a file: it alone" 1
    echo "int h;" >>"$tree/include/h0.h"
    step one "a header"
    compiled "a header: what reads it" 2
    echo "int hidden;" >"$tree/first/h1.h"
    step one "a header before another"
    compiled "a header before another: what read that one" 2
    rm "$tree/first/h1.h"
    step one "that header is gone"
    echo "int once;" >>"$tree/c1.c"
    step one "a file"
    compiled "that header is gone: the tree before it is nearer" 1
    rm "$tree/c6.c"
    step one "a file less"
    compiled "a file less" 0
    version=1.1.2 && step one "another release"
    compiled "another release" 0
    same "nothing half made" "" "$(rubbish one)"
    same "who reads them" "700 $(id -u)" "$(stat -c '%a %u' "$(objects one)")"
    same "whose they are" "" "$(find "$(objects one)" ! -user "$(id -u)")"
}

what_is_built_clean() {
    fresh_tree
    step two "first"
    step two "same" && echo >>"$tree/scripts/tool.sh"
    step two "a script"
    said "a script" "built clean: 'scripts/tool.sh' differs"
    compiled "a script" 6
    set_option B 1 && step off "an option that a makefile names"
    set_option B "" && step off "it is turned off"
    said "it is turned off" "built clean: B was turned off"
    set_option LTO_CLANG y && step two "LTO"
    said "LTO" "objects are not kept: LTO_CLANG"
    set_option LTO_CLANG ""
    version=2.1.1 && step two "another series"
    compiled "another series" 6
    step two "other flags" --argstr more x
    compiled "other flags" 6
    set_option A 3
    step two "with --no-incremental" --no-incremental
    compiled "with --no-incremental" 6
}

# A tree that is damaged, of another form, or somebody else's.
what_is_refused() {
    local place at
    fresh_tree
    step three "first"
    place=$(objects three)
    at=$(find "$place" -mindepth 1 -maxdepth 1 ! -name '.*')
    sed -i 's/objects 1/objects 0/' "$at/meta"
    set_option A 2 && step three "another form"
    compiled "another form" 6
    for at in "$place"/*; do truncate -s 20 "$at/meta"; done
    set_option A 3 && step three "cut off"
    compiled "cut off" 6
    for at in "$place"/*; do truncate -s 100 "$at/source"; done
    echo "int more;" >>"$tree/c1.c" && step three "list cut off"
    compiled "list cut off" 6
    mkdir "$place/.new-0123" "$place/.old-0123" && touch "$place/.new-0123/lock"
    set_option A 4 && step three "what was half made"
    same "what was half made is gone" "" "$(rubbish three)"
    chmod 755 "$place"
    set_option A 5 && step three "open to others"
    said "open to others" "is not a folder of this user alone"
    chmod 700 "$place"
    if [ "$(id -u)" = 0 ]; then
        chown 1 "$place"
        set_option A 6 && step three "another user's"
        said "another user's" "is not a folder of this user alone"
        chown 0 "$place"
    fi
}

check_is_clean() {
    local out
    fresh_tree
    step four "first"
    # A builder that says what it found: one that began with objects of before would differ.
    out=$(build_tree four --option incremental true --argstr extra 'ls >/dev/null')
    check "--check" build_tree four --option incremental true --argstr extra 'ls >/dev/null' --check
    same "--check compiles all" "compiled 6" "$(grep -o 'compiled [0-9]*' "$work/said")"
    check "there" test -n "$out"
}

# A source that is a link would show the builder whatever the host has there.
links_are_not_followed() {
    local out
    mkdir -p "$work/secret" && echo hidden >"$work/secret/Kconfig"
    for below in "" /below /../nothing; do
        out=$(NIX_REMOTE="local?root=$work/eight" nix-build "$here/keep/link.nix" --no-out-link --option incremental true \
            --argstr target "$work/secret" --argstr below "$below" 2>"$work/said") || bad "link '$below': $(cat "$work/said")"
        same "link '$below'" "nothing" "$(cat "$work/eight$out")"
    done
}

bounds() {
    fresh_tree
    for i in 1 2 3 4 5; do
        set_option A "$i"
        build_tree five --option incremental true --option kept-objects 3 >/dev/null
    done
    same "as many as are wanted" 3 "$(trees five)"
    set_option A 6
    build_tree five --option incremental true --option kept-objects-size 4K >/dev/null
    has "too large" "$(cat "$work/said")" "larger than kept-objects-size"
    has "gc says it" "$(NIX_REMOTE="local?root=$work/five" nix-collect-garbage 2>&1)" "3 kept object trees"
    same "gc gives them back" 0 "$(trees five)"
}

full_disk() {
    local place
    fresh_tree
    step six "first"
    place=$(objects six)
    rm -rf "$place"
    mkdir -m 700 "$place"
    if ! mount -t tmpfs -o size=64k,mode=700 none "$place" 2>/dev/null; then
        skip "full disk: no right to mount"
        return
    fi
    set_option A 2 && step six "full disk"
    said "full disk" "objects are not kept"
    said "full disk, why" "No space left on device"
    same "full disk: nothing half made" "" "$(rubbish six)"
    umount "$place"
}

# Where there can be no overlay (the build folder lies on one, say), the build is clean, and says so.
no_overlay() {
    local on=$work/over
    fresh_tree
    step nine "first"
    mkdir -p "$on/lower" "$on/upper" "$on/work" "$on/merged"
    if ! mount -t tmpfs none "$on/upper" 2>/dev/null || ! mkdir "$on/upper/u" "$on/upper/w" ||
        ! mount -t overlay none -o "lowerdir=$on/lower,upperdir=$on/upper/u,workdir=$on/upper/w" "$on/merged" 2>/dev/null; then
        skip "no overlay: no right to mount"
        return
    fi
    set_option A 2
    TMPDIR=$on/merged step nine "no overlay"
    said "no overlay" "built clean: no overlay in the sandbox"
    compiled "no overlay" 6
    umount "$on/merged" "$on/upper"
    set_option A 3
    step nine "an overlay again"
    compiled "an overlay again" 1
}

# Killed at any moment, the next build is what a clean one makes.
killed() {
    local n=${KEEP_KILLS:-12} pid
    fresh_tree
    step seven "first"
    for i in $(seq "$n"); do
        set_option A "$i" && echo "int k$i;" >>"$tree/include/h$((i % 3)).h"
        build_tree seven --option incremental true >/dev/null 2>&1 &
        pid=$!
        sleep "0.$((i * 97 % 10))$((i * 31 % 10))"
        pkill -9 -P "$pid" 2>/dev/null
        kill -9 "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
        step seven "killed, $i"
        same "killed, $i: nothing half made" "" "$(rubbish seven)"
    done
}

one_change() {
    local n=$((RANDOM % 6 + 1))
    case $((RANDOM % 7)) in
        0) set_option "$(letter "$n")" "$((RANDOM % 3))" ;;
        1) set_option "$(letter "$n")" "" ;;
        2) echo "int x$RANDOM;" >>"$tree/c$n.c" ;;
        3) echo "int x$RANDOM;" >>"$tree/include/h$((n % 3)).h" ;;
        4) if [ -e "$tree/first/h0.h" ]; then rm "$tree/first/h0.h"; else echo "int first;" >"$tree/first/h0.h"; fi ;;
        5) if [ -e "$tree/n$n.c" ]; then rm "$tree/n$n.c"; else echo "#include \"h$((n % 3)).h\"" >"$tree/n$n.c"; fi ;;
        6) version=1.$((RANDOM % 2)).$((RANDOM % 3)) ;;
    esac
}
random_walks() {
    RANDOM=${KEEP_SEED:-11}
    for walk in $(seq "$walks"); do
        fresh_tree
        for at in 1 2 3 4 5; do
            one_change
            step walks "walk $walk, step $at"
        done
    done
}

for part in ${KEEP_PARTS:-what_is_compiled what_is_built_clean what_is_refused links_are_not_followed check_is_clean bounds full_disk no_overlay killed random_walks}; do
    "$part"
done
[ "$failed" = 0 ]
