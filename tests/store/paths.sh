#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Adding, hashing, dumping: the same paths, bytes and rows as real Nix, and each tool content with the other's store.
. "$(dirname "$0")/lib.sh"

make_tree "$T/tree"
echo hello >"$T/file"
A=$T/a B=$T/b

for f in tree file tree/link tree/run; do
  same "add $f" "$(ours "$A" --add "$T/$f")" "$(nix "$B" --add "$T/$f")"
  same "dump $f" "$(ours "$A" --dump "$T/$f" | sha256sum)" "$(nix "$B" --dump "$T/$f" | sha256sum)"
done
for algo in md5 sha1 sha256 sha512; do
  same "add-fixed $algo" "$(ours "$A" --add-fixed $algo "$T/file")" "$(nix "$B" --add-fixed $algo "$T/file")"
  same "add-fixed recursive $algo" "$(ours "$A" --add-fixed --recursive $algo "$T/tree")" \
    "$(nix "$B" --add-fixed --recursive $algo "$T/tree")"
  hash=$("$nix_hash" --type $algo --flat "$T/file")
  same "print-fixed-path $algo" "$(ours "$A" --print-fixed-path $algo "$hash" x)" "$(nix "$B" --print-fixed-path $algo "$hash" x)"
  same "print-fixed-path recursive $algo" "$(ours "$A" --print-fixed-path --recursive $algo "$hash" x)" \
    "$(nix "$B" --print-fixed-path --recursive $algo "$hash" x)"
  for form in "" --base32 --truncate "--base32 --truncate"; do
    # shellcheck disable=SC2086
    same "nix-hash $algo $form" "$("$T/bin/nix-hash" --type $algo $form "$T/tree" "$T/file")" \
      "$("$nix_hash" --type $algo $form "$T/tree" "$T/file")"
  done
  for form in base16 base32; do
    same "nix-hash --to-$form $algo" "$("$T/bin/nix-hash" --type $algo --to-$form "$hash")" \
      "$("$nix_hash" --type $algo --to-$form "$hash")"
  done
done
not_ok "add-fixed flat of a tree" ours "$A" --add-fixed sha256 "$T/tree"
not_ok "add of what is not there" ours "$A" --add "$T/nothing"
not_ok "add of what the store lies in" ours "$A" --add "$T"
touch "$T/bad name"
not_ok "add with a bad name" ours "$A" --add "$T/bad name"

db() { nix "$1" --dump-db; }
same "rows" "$(db "$A")" "$(db "$B")"
same "rows by us" "$(ours "$A" --dump-db)" "$(ours "$B" --dump-db)"
same "rows by both" "$(ours "$A" --dump-db | sort)" "$(db "$A" | sort)"
same "modes and times" "$(cd "$A/nix/store" && find . -mindepth 1 ! -name .links -printf '%P %m %T@ %l\n' | sort)" \
  "$(cd "$B/nix/store" && find . -mindepth 1 ! -name .links -printf '%P %m %T@ %l\n' | sort)"
ok "Nix verifies ours" nix "$A" --verify --check-contents
ok "we verify Nix's" ours "$B" --verify --check-contents
ok "we verify ours" ours "$A" --verify --check-contents
if command -v sqlite3 >/dev/null; then
  columns() { for t in ValidPaths Refs DerivationOutputs; do sqlite3 "$1/nix/var/nix/db/db.sqlite" "pragma table_info($t); pragma foreign_key_list($t); pragma index_list($t)"; done; }
  same "schema" "$(columns "$A")" "$(columns "$B")"
fi
same "schema file" "$(cat "$A/nix/var/nix/db/schema")" 10

# Both in one store, one after the other.
C=$T/c
ours "$C" --add "$T/tree" >/dev/null
ok "Nix adds to our store" nix "$C" --add "$T/file"
ok "we add what Nix has" ours "$C" --add "$T/file"
same "both know it" "$(ours "$C" --dump-db)" "$(nix "$C" --dump-db)"
ours "$C" --dump "$C$(ours "$C" --print-fixed-path --recursive sha256 "$("$nix_hash" --type sha256 "$T/tree")" tree)" >"$T/nar"
ok "restore" ours "$C" --restore "$T/restored" <"$T/nar"
same "restored" "$("$nix_hash" --type sha256 "$T/restored")" "$("$nix_hash" --type sha256 "$T/tree")"
not_ok "restore over something" ours "$C" --restore "$T/restored" <"$T/nar"
head -c 5000 "$T/nar" >"$T/cut"
not_ok "restore of a cut NAR" ours "$C" --restore "$T/restored2" <"$T/cut"
[ ! -e "$T/restored2" ] || fail "a failed restore left something"

# A damaged path is found by name.
P=$(ours "$A" --add "$T/file")
chmod u+w "$A$P" && echo changed >"$A$P"
not_ok "damage is found" ours "$A" --verify --check-contents
grep -q "path '$P' was modified! expected hash 'sha256:.*', got 'sha256:" "$T/out" || fail "message of damage: $(cat "$T/out")"
not_ok "verify-path finds it" ours "$A" --verify-path "$P"
exit $failed
