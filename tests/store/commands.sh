#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# nix-prefetch-url, nix-copy-closure (over an ssh that stays here), nix-collect-garbage, roots and profiles, options and their errors.
. "$(dirname "$0")/lib.sh"

make_tree "$T/tree"
echo content >"$T/file.txt"
S=$T/s
cmd() { NIX_REMOTE="local?root=$1" "$T/bin/$2" "${@:3}"; }

# prefetch
hash=$("$nix_hash" --type sha256 --flat --base32 "$T/file.txt")
same "prefetch" "$(cmd "$S" nix-prefetch-url "file://$T/file.txt" 2>"$T/err")" "$hash"
grep -q "^path is '/nix/store/.*-file.txt'$" "$T/err" || fail "prefetch says the path: $(cat "$T/err")"
same "prefetch path" "$(cmd "$S" nix-prefetch-url --print-path --name n "file://$T/file.txt" 2>/dev/null)" \
  "$(printf '%s\n%s' "$hash" "$(nix "$T/x" --print-fixed-path sha256 "$hash" n)")"
mv "$T/file.txt" "$T/gone"
same "prefetch of what is there" "$(cmd "$S" nix-prefetch-url --name n "file://$T/file.txt" "$hash" 2>/dev/null)" "$hash"
mv "$T/gone" "$T/file.txt"
echo other >"$T/other"
not_ok "prefetch with another hash" cmd "$S" nix-prefetch-url --name n2 "file://$T/other" "$hash"
grep -q "hash mismatch for 'file://$T/other': specified 'sha256:$hash', got 'sha256:" "$T/out" || fail "message: $(cat "$T/out")"
cmd "$S" nix-prefetch-url --print-path "file://$T/other?a=b" 2>/dev/null | grep -q -- '-other?a=b$' || fail "name with a query"
cmd "$S" nix-prefetch-url --print-path "file://$T/other?a=b&c" 2>/dev/null | grep -q -- '-other$' || fail "name without its query"
not_ok "prefetch of nothing" cmd "$S" nix-prefetch-url "file://$T/nothing"
(cd "$T" && tar czf tree.tar.gz tree)
same "prefetch --unpack" "$(cmd "$S" nix-prefetch-url --unpack "file://$T/tree.tar.gz" 2>/dev/null)" "$("$nix_hash" --type sha256 --base32 "$T/tree")"
ok "Nix verifies what was fetched" nix "$S" --verify --check-contents

# copy-closure
cat >"$T/bin/ssh" <<'END'
#!/bin/bash
# ssh HOST -- COMMAND...: HOST names a store here.
while [ "${1#-}" != "$1" ]; do shift; done
host=$1; shift
[ "$1" = -- ] && shift
case $host in *nix) PATH=$NIX_BIN:/usr/bin:/bin ;; liar) PATH=$T/liar:/usr/bin:/bin ;; esac
export NIX_REMOTE="local?root=$T/$host"
exec "$@"
END
chmod +x "$T/bin/ssh"
export T NIX_BIN="${nix_store%/*}"
cat >"$T/g.nix" <<'END'
let a = derivation { name = "a"; system = "s"; builder = "b"; src = ./file.txt; }; in derivation { name = "b"; system = "s"; builder = "b"; inherit a; }
END
drv=$(NIX_REMOTE="local?root=$S" "$nix_instantiate" "$T/g.nix" 2>/dev/null)
copy() { PATH="$T/bin:$PATH" NIX_REMOTE="local?root=$S" "$T/bin/nix-copy-closure" "$@"; }
ok "copy to ours" copy --to host1 "$drv"
same "copied" "$(ours "$T/host1" -qR "$drv")" "$(ours "$S" -qR "$drv")"
ok "copy again" copy --to host1 "$drv"
ok "copy to Nix" copy --to host2-nix "$drv"
same "copied to Nix" "$(nix "$T/host2-nix" -qR "$drv")" "$(ours "$S" -qR "$drv")"
own=$S S=$T/back
ok "copy from ours" copy --from host1 "$drv"
same "came back" "$(ours "$S" -qR "$drv")" "$(ours "$own" -qR "$drv")"
S=$T/back2
ok "copy from Nix" copy --from host2-nix "$drv"
same "came back from Nix" "$(ours "$S" -qR "$drv")" "$(ours "$own" -qR "$drv")"
ok "Nix verifies the copy" nix "$S" --verify --check-contents
# A host that asks for more than it was offered gets nothing.
echo secret >"$T/secret"
secret=$(ours "$own" --add "$T/secret")
cat >"$T/bin/nix-store-liar" <<END
#!/bin/sh
case \$1 in --check-validity) echo "$secret" ;; *) cat >"$T/stolen" ;; esac
END
chmod +x "$T/bin/nix-store-liar"
mkdir -p "$T/liar" && ln -s ../bin/nix-store-liar "$T/liar/nix-store"
S=$own
not_ok "copy to a host that asks for another path" copy --to liar "$drv"
not_ok "which it did not get" test -s "$T/stolen"
not_ok "copy of what is not there" copy --to host1 /nix/store/00000000000000000000000000000000-x
S=$own

# generations
P=$S/nix/var/nix/profiles/test
gen() { # N FILE-CONTENT
  echo "$2" >"$T/gen"
  ln -sfn "$(ours "$S" --add "$T/gen")" "$P-$1-link"
  ln -sfn "test-$1-link" "$P"
}
gen 1 one && gen 2 two && gen 3 three
touch -h -d '40 days ago' "$P-1-link" && touch -h -d '20 days ago' "$P-2-link"
cmd "$S" nix-collect-garbage --delete-older-than 30d >/dev/null 2>&1
[ -L "$P-1-link" ] && [ -L "$P-2-link" ] && pass "the generation of that day stays" || fail "--delete-older-than 30d"
cmd "$S" nix-collect-garbage --dry-run -d >/dev/null 2>&1
[ -L "$P-1-link" ] && pass "dry run" || fail "a dry run deleted"
cmd "$S" nix-collect-garbage --delete-older-than 10d >/dev/null 2>&1
[ ! -e "$P-1-link" ] && [ -L "$P-2-link" ] && pass "older than 10 days" || fail "--delete-older-than 10d"
cmd "$S" nix-collect-garbage -d >"$T/out" 2>&1
[ ! -e "$P-2-link" ] && [ -L "$P-3-link" ] && pass "delete old" || fail "-d"
grep -q "store paths deleted, .* MiB freed" "$T/out" || fail "what was freed: $(cat "$T/out")"
same "only the current one lives" "$(nix "$S" --dump-db | grep -c ^/nix)" 1
not_ok "days" cmd "$S" nix-collect-garbage --delete-older-than 3w

# settings of the machine's Nix
echo 'keep-outputs = true # yes' >"$T/more.conf"
echo "include $T/more.conf" >>"$T/conf/nix.conf"
kept=$(ours "$S" --gc --print-live)
same "keep-outputs of nix.conf" "$kept" "$(nix "$S" --gc --print-live 2>/dev/null)"
NIX_CONFIG='keep-derivations = false' ours "$S" --gc --print-live >/dev/null || fail "NIX_CONFIG"

# a store that is somebody else's can be asked, not written
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
  O=$(mktemp -d /tmp/store-test-other.XXXXXX) # where everybody can look
  chmod 755 "$O" && P=$(ours "$O" --add "$T/gen")
  cp "$T/other" "$O/other" && chmod a+r "$O/other"
  cp "$build/kernix" "$O/kernix" # the project's own folder may be root's alone
  # shellcheck disable=SC2016
  other() { setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/nonexistent "$O/kernix" nix-store --store "$O" "$@"; }
  if [ -x "$O/kernix" ] && setpriv --reuid=65534 --regid=65534 --clear-groups "$O/kernix" --version >/dev/null 2>&1; then
    same "query by another user" "$(other -q --hash "$P")" "$(ours "$O" -q --hash "$P")"
    not_ok "adding by another user" other --add "$O/other"
    grep -q "cannot be written by you" "$T/out" || fail "message: $(cat "$T/out")"
    not_ok "gc by another user" other --gc
  fi
  chmod -R u+w "$O" && rm -rf "$O"
fi

# an imported path has one spelling
printf x >"$T/spelled" && spelled=$(ours "$S" --add "$T/spelled")
# shellcheck disable=SC2016
ours "$S" --export "$spelled" | P=$spelled perl -0777 -pe 'sub text { my $p = shift; pack("V", length $p) . "\0" x 4 . $p . "\0" x (-length($p) % 8) }
  my $old = text($ENV{P}); my $new = text($ENV{P} =~ s,/nix/store/,/nix/store///,r); s/\Q$old\E/$new/' >"$T/spelled.nar"
grep -q 'store///' "$T/spelled.nar" || fail "the stream has no other spelling"
not_ok "import of another spelling" ours "$T/spelled-store" --import <"$T/spelled.nar"
ours "$T/spelled-store" --dump-db | grep -q '///' && fail "another spelling is registered"

# in a folder that is gone a relative name means nothing: it is not one of the root folder
gone() { # COMMAND...
  mkdir -p "$T/was" && (cd "$T/was" && rmdir "$T/was" && "$@")
}
path=$(ours "$S" --add "$T/gen") link=kernix-test-of-a-folder-that-is-gone.$$
not_ok "a root from a folder that is gone" gone ours "$S" -r "$path" --add-root "$link" --indirect
grep -q "from the current folder: No such file or directory" "$T/out" || fail "message: $(cat "$T/out")"
[ ! -L "/$link" ] && pass "nothing in the root folder" || fail "/$link"
rm -f "/$link"

# options and errors
not_ok "no operation" ours "$S" --print-invalid
not_ok "two operations" ours "$S" --gc --verify
not_ok "unknown flag" ours "$S" --chekc-validity
grep -q "Did you mean '--check-validity'" "$T/out" || fail "hint: $(cat "$T/out")"
not_ok "daemon" env NIX_REMOTE=daemon "$T/bin/nix-store" --gc
not_ok "serve" ours "$S" --serve
not_ok "more bytes than can be counted" ours "$S" --gc --max-freed 16777216T
ok "as many as can be" ours "$S" --gc --max-freed 16777215T --print-live
not_ok "unknown hash" ours "$S" --add-fixed sha999 "$T/gen"
ok "harmless options" ours "$S" --option substitute false --option keep-outputs true -j4 --cores 2 -v --gc --print-live
ok "the store as a folder" "$T/bin/nix-store" --store "$S" --gc --print-live
ok "help" ours "$S" --help
grep -q -- --realise "$T/out" || fail "help names the operations"
exit $failed
