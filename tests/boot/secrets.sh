#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# boot.initrd.secrets on temporary roots, for each loader: packed when the entry is written, read by nobody but root, kept by a rollback,
# gone with the generation; what is missing stops everything before a file is written.
source "$(dirname "$0")/lib.sh"
umask 022

secret_files() { ls "$R/boot/kernix" 2>/dev/null | grep -E -- '-secrets$'; }
entry_of() { # ID: the lines of its entry
  cat "$R"/boot/kernix/grub.cfg "$R"/boot/loader/entries/kernix-*.conf "$R"/boot/extlinux/extlinux.conf 2>/dev/null |
    awk -v id="$1" '/^ *# kernix-entry / { on = $3 == id } on' | tr -d '"'
}
archive_of() { # ID: the file of its secrets
  entry_of "$1" | grep -oE '[0-9a-z]{32}-[0-9a-f]{16}-secrets' | head -n 1 | sed "s|^|$R/boot/kernix/|"
}
# What the kernel unpacks: archives one after the other; here the last one, as cpio lists it.
unpacked() { # ID
  local file
  file=$(archive_of "$1")
  rm -rf "$work/unpacked" && mkdir "$work/unpacked"
  if [ "$loader" = extlinux ]; then file=$work/last && tail -c +513 "$(archive_of "$1")" >"$file"; fi
  (cd "$work/unpacked" && cpio -id --quiet --no-absolute-filenames <"$file" 2>&1)
}
content() { unpacked "$1" && cat "$work/unpacked/$2"; } # ID FILE
snapshot() { (cd "$R" && find boot nix/var/nix/profiles ! -name lock -printf '%p %s %m %l\n' 2>/dev/null | sort); }

secrets='secrets = { "/etc/disk.key" = "/root/disk.key"; "/etc/ssh/keys" = "/root/keys"; };'
life() {
  loader=$1
  local pre="$1:" one
  new_root "$loader"
  mkdir -p "$R/root/keys/sub"
  printf 'first key' >"$R/root/disk.key" && chmod 600 "$R/root/disk.key"
  printf 'host key' >"$R/root/keys/sub/a" && chmod 640 "$R/root/keys/sub/a" && ln -s sub/a "$R/root/keys/b"
  configuration "{ $secrets }"
  (cd "$work" && rebuild build >/dev/null 2>&1)
  check "$pre a dry run says it" says 'would write secrets of the initrd' rebuild boot --permanent --dry-run
  check "$pre and writes nothing" is "$(secret_files)" ''
  check "$pre boot" rebuild boot --permanent
  one=$(archive_of kernix-1)
  check "$pre the entry names the archive" test -f "$one"
  check "$pre only its owner may read it" is "$(stat -c %a "$one")" 600
  check "$pre the secret is in it" is "$(content kernix-1 etc/disk.key)" 'first key'
  check "$pre a folder, with modes and links" is "$(unpacked kernix-1; cd "$work/unpacked/etc" && stat -c '%a' disk.key ssh/keys/sub/a && readlink ssh/keys/b)" "$(printf '600\n640\nsub/a')"
  check "$pre no name tells of the content" hasnt <(ls "$R/boot/kernix") "$("$bin/nix-hash" --type sha256 --flat --base32 "$one" | cut -c 1-16)"
  check "$pre it is not in the store" is "$(grep -rl 'first key' "$R/nix/store" 2>/dev/null)" ''
  rebuild boot --permanent >/dev/null 2>&1
  check "$pre the same again writes nothing" is "$(archive_of kernix-1)" "$one"
  printf 'second key' >"$R/root/disk.key"
  rebuild boot --permanent >/dev/null 2>&1
  check "$pre a changed secret is taken over" is "$(content kernix-1 etc/disk.key) $(secret_files | wc -l)" 'second key 1'

  configuration "{ $secrets kernel = \"kernel two\"; specialisation.other.params = [ \"other\" ]; }"
  printf 'third key' >"$R/root/disk.key"
  rebuild boot --permanent >/dev/null 2>&1
  check "$pre the next generation has the new one" is "$(content kernix-2 etc/disk.key)" 'third key'
  check "$pre its specialisation, too" is "$(content kernix-2-other etc/disk.key)" 'third key'
  check "$pre the one before keeps its own" is "$(content kernix-1 etc/disk.key)" 'second key'
  mv "$R/root/disk.key" "$R/root/away"
  check "$pre a rollback needs no files" rebuild boot --rollback --permanent
  check "$pre and brings back the old key" is "$(content kernix-1 etc/disk.key)" 'second key'
  check "$pre other commands keep them" kboot refresh
  check "$pre all of them" is "$(secret_files | wc -l)" 3

  snapshot >"$work/before"
  configuration "{ $secrets kernel = \"kernel three\"; }"
  expect_fail "$pre a missing secret stops it" "boot.initrd.secrets.\"/etc/disk.key\"|disk.key|No such file|nothing was changed" rebuild boot --permanent
  check "$pre before anything was written" is "$(snapshot | diff - "$work/before")" ''
  mkfifo "$R/root/disk.key"
  expect_fail "$pre a pipe is no secret" "neither a file nor a folder" timeout 20 "$bin/nixos-rebuild" boot --permanent --root "$R" -I nixos-config="$work/configuration.nix"
  rm "$R/root/disk.key" && mv "$R/root/away" "$R/root/disk.key"

  configuration '{ kernel = "kernel four"; }'
  rebuild boot --permanent >/dev/null 2>&1
  check "$pre one without secrets has none" is "$(archive_of kernix-3)" ''
  kboot confirm --booted "$(generation 3)" >/dev/null 2>&1
  env_ -p "$system" --delete-generations 1 2 --root "$R" >/dev/null 2>&1
  check "$pre they go with their generation" is "$(secret_files)" ''
  configuration "{ $secrets }"
  rebuild boot --permanent >/dev/null 2>&1
  check "$pre uninstall" rebuild uninstall
  check "$pre leaves none" test ! -e "$R/boot/kernix"
}
life grub
life systemd-boot
life extlinux

# An interrupted command leaves no archive that is cut off, and the next one sweeps what nobody names.
loader=grub
new_root grub
mkdir -p "$R/root/keys"
wrong='' killed=0
for call in rename fsync; do
  for n in $(seq 1 2 40); do
    printf 'key %s %s' $call "$n" >"$R/root/disk.key"
    configuration "{ $secrets kernel = \"kernel $call $n\"; }"
    { timeout 60 strace -f -qq -o /dev/null -e "inject=$call:signal=KILL:when=$n" "$bin/nixos-rebuild" boot --permanent --root "$R" -I nixos-config="$work/configuration.nix" >/dev/null 2>&1; } 2>/dev/null && break
    killed=$((killed + 1))
    for file in $(grep -oE '[0-9a-z]{32}-[0-9a-f]{16}-secrets' "$R/boot/kernix/grub.cfg" 2>/dev/null); do
      cpio -t --quiet <"$R/boot/kernix/$file" >/dev/null 2>&1 || wrong="$wrong $call:$n"
    done
  done
done
check "kills hit it" test "$killed" -gt 5
check "kills: every archive that an entry names is whole" is "$wrong" ''
rebuild boot --permanent >/dev/null 2>&1
check "kills: nothing is left over" is "$(secret_files | sort)" "$(grep -oE '[0-9a-z]{32}-[0-9a-f]{16}-secrets' "$R/boot/kernix/grub.cfg" | sort -u)"

# Where somebody else's boot.json names what is no path.
new_root grub
configuration '{ secrets = { "etc/x" = "/root/x"; }; }'
expect_fail "a relative path" "must name files by absolute paths" rebuild boot --permanent
configuration '{ secrets = { "/etc/../x" = "/root/x"; }; }'
mkdir -p "$R/root" && echo x >"$R/root/x"
expect_fail "a path with .." "cannot be a path in the initrd" rebuild boot --permanent
finish
