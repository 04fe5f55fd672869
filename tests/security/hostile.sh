#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What strangers send or lead to: archives whose compression is a program, caches that another user's link puts elsewhere.
set -u
. "$(dirname "$0")/../build/lib.sh"
bin=$KERNIX_BUILD/bin
new_store main
eval_() { timeout 60 "$bin/nix-instantiate" --eval --strict "$@" >"$work/out" 2>"$work/err"; }

# libarchive unpacks these by the programs of the same name.
test_archives() {
  local name
  mkdir -p "$work/programs"
  for name in lrzip grzip lzop; do
    printf '#!/bin/sh\ntouch "%s/ran-%s"\ncat\n' "$work" "$name" >"$work/programs/$name"
  done
  chmod 755 "$work/programs"/*
  printf 'LRZI\0\6%0100d' 0 >"$work/lrzip.tar"
  printf 'GRZipII\0\2\4:)%0100d' 0 >"$work/grzip.tar"
  printf '\x89LZO\0\r\n\x1a\n\x10\x30\x20\xa0\x09\x40\x01\x05\0\0\0\1%0100d' 0 >"$work/lzop.tar"
  for name in lrzip grzip lzop; do
    PATH=$work/programs:$PATH eval_ -E "fetchTarball \"file://$work/$name.tar\""
    check "an archive for $name is refused" test $? != 0
    check "and runs nothing" test ! -e "$work/ran-$name"
  done
}

# The folder of the cache is another user's, and in it is a link to a folder of ours.
test_cache() {
  local dir=$work/theirs
  [ "$(id -u)" = 0 ] || { skip "a link of another user needs root"; return; }
  mkdir -p "$dir" "$work/mine"
  chmod 755 "$work/mine"
  ln -s "$work/mine" "$dir/downloads"
  chown -h 65534 "$dir" "$dir/downloads"
  echo text >"$work/text"
  NIX_CACHE_HOME=$dir eval_ -E "builtins.fetchurl \"file://$work/text\""
  has "a cache of another user is refused" "$(errors)" "belongs to another user"
  same "what it leads to keeps its mode and contents" "755" "$(stat -c %a "$work/mine")$(ls -A "$work/mine")"
  chown -h 0 "$dir"
  NIX_CACHE_HOME=$dir eval_ -E "builtins.fetchurl \"file://$work/text\""
  has "so is another user's link" "$(errors)" "belongs to another user"
  same "what it leads to keeps its mode and contents" "755" "$(stat -c %a "$work/mine")$(ls -A "$work/mine")"
  chown -h 0 "$dir/downloads"
  NIX_CACHE_HOME=$dir eval_ -E "builtins.fetchurl \"file://$work/text\""
  same "one's own link is followed" 0 $?
}

# What the caller was started with is shown by /proc of processes that come from it.
test_words() {
  local expr='derivation { name = "words"; system = builtins.currentSystem; builder = "/bin/sh"; PATH = "/bin"; args = [ "-c" "cat /proc/*/cmdline >$out" ]; }'
  "$bin/nix-build" --no-out-link -E "$expr" --argstr password hunter2 >"$work/out" 2>"$work/err"
  check "a builder sees the words of processes" grep -qa "/proc" "$root$(cat "$work/out")"
  check "but not the caller's" test -z "$(grep -a hunter2 "$root$(cat "$work/out")")"
}

test_hosts() {
  echo text >"$work/text"
  "$bin/nix-copy-closure" -- "-oProxyCommand=touch $work/ran-ssh" "$("$bin/nix-store" --add "$work/text")" 2>"$work/err"
  has "an option of ssh is no host" "$(errors)" "is not the name of a host"
  check "and runs nothing" test ! -e "$work/ran-ssh"
}

# What is known of somebody else's system, boot loader and kernel tree is printed as text.
escape=$'\033]0;evil\a'
test_terminal() {
  local dir=$work/other path profiles sys=$work/sys
  mkdir -p "$dir/boot/grub" "$dir/boot/kernix" "$dir/etc" "$sys/specialisation/a$escape" "$sys/kernel-modules/lib/modules/6$escape"
  echo 'set default="0"' >"$dir/boot/grub/grub.cfg"
  echo kernel >"$sys/kernel"
  echo "23.05$escape" >"$sys/nixos-version"
  echo "rev$escape" >"$sys/configuration-revision"
  printf '{"org.nixos.bootspec.v1":{"init":"/init","kernel":"/nix/store/kernel","kernelParams":[],"label":"x"}}' >"$sys/boot.json"
  path=$("$bin/nix-store" --add "$sys" --store "local?root=$dir")
  profiles=$dir/nix/var/nix/profiles
  ln -s "$path" "$profiles/system-1-link" && ln -s system-1-link "$profiles/system"
  { printf '# GRUB Environment Block\nkernix_default=x%s\n' "$escape"; printf '#%.0s' {1..900}; } | head -c 1024 >"$dir/boot/kernix/grubenv"
  "$bin/nixos-rebuild" list-generations --root "$dir" >"$work/list" 2>&1
  has "the list of generations is there" "$(cat "$work/list")" "1 current"
  "$KERNIX_BUILD/kernix" boot status --root "$dir" >"$work/status" 2>&1
  has "the state of the boot loader is there" "$(cat "$work/status")" "default: x"
  mkdir "$work/tree"
  printf 'config A\n\tstring "prompt %s"\n\tdefault "value %s"\n' "$escape" "$escape" >"$work/tree/Kconfig"
  printf 'CONFIG_A="one%s"\n' "$escape" >"$work/tree/one"
  printf 'CONFIG_A="two%s"\n' "$escape" >"$work/tree/two"
  (cd "$work/tree" && "$KERNIX_BUILD/kernix" config explain A --source . --base one && "$KERNIX_BUILD/kernix" config diff one two &&
    "$KERNIX_BUILD/kernix" config compare two --source . --base one) >"$work/config" 2>&1
  same "an option is explained and compared" 0 $?
  same "nothing that a terminal obeys" "" "$(grep -la $'\033\|\a' "$work/list" "$work/status" "$work/config")"
}

# sudo may leave HOME to be the caller's: what he put there is neither obeyed nor a place to write to.
test_home() {
  local dir=$work/his
  [ "$(id -u)" = 0 ] || { skip "another user's home needs root"; return; }
  mkdir -p "$dir/.config/nix" "$dir/.local/share/kernix" "$dir/.cache/kernix/git"
  echo 'restrict-eval = true' >"$dir/.config/nix/nix.conf"
  echo precious >"$work/mine-too" && ln -s "$work/mine-too" "$dir/.local/share/kernix/repl-history"
  chown -hR 65534 "$dir"
  HOME=$dir eval_ -E 'builtins.pathExists /etc/passwd'
  same "his nix.conf is not read" "true" "$(cat "$work/out")"
  has "it is said" "$(errors)" "is not owned by you"
  printf '1 + 1\n:q\n' | HOME=$dir TERM=dumb timeout 30 script -qec "$bin/nix repl" /dev/null >"$work/out" 2>&1
  has "the interpreter answers" "$(cat "$work/out")" "2"
  same "his link is not followed" precious "$(cat "$work/mine-too")"
}

# An address that is allowed, of a link to what is not.
test_addresses() {
  mkdir -p "$work/allowed/deeper"
  echo mine >"$work/not-allowed"
  echo open >"$work/allowed/deeper/file"
  ln -s ../not-allowed "$work/allowed/link" && ln -s deeper/file "$work/allowed/inside"
  for name in link inside; do
    eval_ --restrict-eval --option allowed-uris "file://$work/allowed/" -E "builtins.readFile (builtins.fetchurl \"file://$work/allowed/$name\")"
    cat "$work/out" "$work/err" >"$work/$name"
  done
  has "a link out of an allowed folder" "$(cat "$work/link")" "is forbidden in restricted mode"
  same "a link in it" '"open\n"' "$(cat "$work/inside")"
}

# Logs in somebody else's store: links in their place, and one that swells.
test_logs() {
  local drv dir
  new_store logs
  drv=$("$bin/nix-instantiate" -E 'derivation { name = "log"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo said; echo >$out" ]; }' 2>/dev/null)
  dir=$root/nix/var/log/nix/drvs/$(basename "$drv" | cut -c1-2)
  drv=$(basename "$drv")
  echo precious >"$work/log-victim"
  mkdir -p "$dir" && ln -s "$work/log-victim" "$dir/${drv:2}.bz2.tmp"
  "$bin/nix-store" --realise "/nix/store/$drv" >/dev/null 2>&1
  same "a link in the place of a log that is made" precious "$(cat "$work/log-victim")"
  same "the log is there" said "$("$bin/nix-store" --read-log "/nix/store/$drv")"
  bzip2 <"$work/log-victim" >"$work/victim.bz2" && ln -sf "$work/victim.bz2" "$dir/${drv:2}.bz2"
  same "a link in the place of a log that is read" "" "$("$bin/nix-store" --read-log "/nix/store/$drv" 2>/dev/null)"
  rm "$dir/${drv:2}.bz2"
  head -c 540000000 /dev/zero | bzip2 -1 >"$dir/${drv:2}.bz2"
  (ulimit -v 4000000 && "$bin/nix-store" --read-log "/nix/store/$drv") >"$work/out" 2>"$work/err"
  has "a log that swells is refused" "$(errors)" "is longer than"
}

# The name of an import's file is known before.
test_import() {
  new_store from
  echo text >"$work/text"
  "$bin/nix-store" --export "$("$bin/nix-store" --add "$work/text")" >"$work/export"
  echo precious >"$work/import-victim"
  new_store import
  "$bin/nix-store" --verify >/dev/null 2>&1
  mkdir -p "$root/nix/store"
  (
    for name in "$root/nix/store/.tmp-import-$BASHPID"{,-0,-1,-2}; do ln -s "$work/import-victim" "$name"; done
    exec "$bin/nix-store" --import
  ) <"$work/export" >/dev/null 2>&1
  same "a link in the place of an import's file" precious "$(cat "$work/import-victim")"
}

for t in ${*:-archives cache words hosts terminal home addresses logs import}; do test_"$t"; done
[ $failed = 0 ]
