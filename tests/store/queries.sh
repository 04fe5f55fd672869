#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Queries, roots, garbage collection, export and import, on a store in which real Nix has built a small graph, and on ours.
. "$(dirname "$0")/lib.sh"

cat >"$T/g.nix" <<'END'
let
  mk = n: deps: outputs: derivation {
    name = n; system = builtins.currentSystem; builder = "/bin/sh"; inherit outputs;
    args = [ "-c" "echo log of ${n}; for o in ${toString outputs}; do eval \"echo ${n} ${toString deps} >\\$$o\"; done" ];
    quoted = "it's \"quoted\"\n"; src = ./file;
  };
  a = mk "a" [ ] [ "out" ]; b = mk "b" [ a ] [ "out" ]; c = mk "c" [ a b ] [ "out" "dev" ]; d = mk "d" [ c a ] [ "out" ];
in d
END
echo content >"$T/file"
# A plain store in another place, so that builders see it where it is.
plain() { env NIX_STORE_DIR="$T/s/store" NIX_STATE_DIR="$T/s/var" NIX_LOG_DIR="$T/s/log" NIX_REMOTE=local "$@"; }
n() { plain "$nix_store" "$@"; }
o() { plain "$T/bin/nix-store" "$@"; }
drv=$(plain "$nix_instantiate" --add-root "$T/drv-link" "$T/g.nix" 2>"$T/err") || { cat "$T/err"; exit 1; }
drv=$(readlink "$T/drv-link")
out=$(n --realise "$drv" --add-root "$T/out-link" 2>"$T/err") || { cat "$T/err"; exit 1; }
out=$(readlink "$T/out-link")
all=$(n -qR --include-outputs "$drv")

for q in --references --referrers --referrers-closure --requisites --deriver --hash --size --resolve --tree --graph "-R --include-outputs"; do
  # shellcheck disable=SC2086
  for p in $drv $out; do
    same "-q $q ${p##*-}" "$(o -q $q "$p")" "$(n -q $q "$p")"
  done
  # shellcheck disable=SC2086
  [ "$q" = --tree ] || same "-q $q of all" "$(o -q $q $all)" "$(n -q $q $all)"
done
same "-q --roots" "$(o -q --roots $all | sort)" "$(n -q --roots $all | sort)"
same "-q --outputs" "$(o -q --outputs "$drv")" "$(n -q --outputs "$drv")"
same "-q" "$(o -q "$drv")" "$(n -q "$drv")"
for v in builder quoted name out; do same "-q --binding $v" "$(o -q --binding $v "$drv")" "$(n -q --binding $v "$drv")"; done
not_ok "-q --binding of nothing" o -q --binding nothing "$drv"
for q in --references --requisites --hash; do same "-qu $q" "$(o -q $q -u "$drv")" "$(n -q $q -u "$drv")"; done
same "-qR clustered" "$(o -qR "$out")" "$(n -qR "$out")"
same "through a link" "$(o -q --references "$T/out-link")" "$(n -q --references "$T/out-link")"
same "valid derivers" "$(o -q --valid-derivers "$out")" "$drv"
# Newer Nix ends each line twice and joins the arguments in a way that no shell takes back; the link of a root is in quotes.
case $("$nix_store" --version) in
  *' 2.8.'*) of_today() { cat; } ;;
  *) of_today() { sed '/^$/d; /^export _args;/d; s/^"\([^"]*\)" -> /\1 -> /'; } ;;
esac
same "print-env" "$(o --print-env "$drv" | of_today)" "$(n --print-env "$drv" | of_today)"
same "read-log" "$(o --read-log "$drv")" "$(n --read-log "$drv")"
same "read-log of an output" "$(o -l "$out")" "log of d"
same "print-roots" "$(o --gc --print-roots | grep -v /proc/ | grep -v "{temp" | of_today)" "$(n --gc --print-roots 2>/dev/null | grep -v /proc/ | grep -v "{temp" | of_today)"
same "print-live" "$(o --gc --print-live 2>/dev/null | sort)" "$(n --gc --print-live 2>/dev/null | sort)"
same "print-dead" "$(o --gc --print-dead 2>/dev/null | sort)" "$(n --gc --print-dead 2>/dev/null | sort)"
not_ok "query of what is not valid" o -q --references "$T/s/store/00000000000000000000000000000000-x"
not_ok "query outside of the store" o -q --references /etc
not_ok "check-validity" o --check-validity "$T/s/store/00000000000000000000000000000000-x"
same "print-invalid" "$(o --check-validity --print-invalid "$T/s/store/00000000000000000000000000000000-x" "$out")" "$T/s/store/00000000000000000000000000000000-x"
ok "we verify" o --verify --check-contents

# export and import between both tools
# shellcheck disable=SC2046
o --export $(o -qR "$out") >"$T/ours.export"
# shellcheck disable=SC2046
n --export $(n -qR "$out") >"$T/nix.export"
same "export" "$(sha256sum <"$T/ours.export")" "$(sha256sum <"$T/nix.export")"
other() { env NIX_STORE_DIR="$T/s/store" NIX_STATE_DIR="$T/$1/var" NIX_LOG_DIR="$T/$1/log" NIX_REMOTE="local?real=$T/$1/store" "${@:2}"; }
same "import" "$(other i1 "$T/bin/nix-store" --import <"$T/nix.export")" "$(other i2 "$nix_store" --import <"$T/ours.export" 2>/dev/null)"
same "imported rows" "$(other i1 "$nix_store" --dump-db)" "$(other i2 "$nix_store" --dump-db)"
ok "Nix verifies the import" other i1 "$nix_store" --verify --check-contents
ok "import again" other i1 "$T/bin/nix-store" --import <"$T/nix.export"
head -c 700 "$T/nix.export" >"$T/cut"
not_ok "import of a cut stream" other i3 "$T/bin/nix-store" --import <"$T/cut"

# dump-db and load-db
o --dump-db >"$T/db"
same "dump-db" "$(cat "$T/db" | sort)" "$(n --dump-db | sort)"
mkdir -p "$T/l" && cp -a "$T/s/store" "$T/l/store"
ok "load-db" other l "$T/bin/nix-store" --load-db <"$T/db"
same "loaded" "$(other l "$T/bin/nix-store" --dump-db)" "$(o --dump-db)"
ok "Nix verifies what was loaded" other l "$nix_store" --verify --check-contents

# deleting
not_ok "delete of what is alive" o --delete "$out"
grep -q "since it is still alive" "$T/out" || fail "message of delete"
lone=$(o --add "$T/g.nix")
ok "delete" o --delete "$lone"
[ ! -e "$lone" ] || fail "deleted path is still there"
lone=$(o --add "$T/g.nix")
touch "$T/s/store/leftover" && mkdir "$T/s/store/.tmp-99999999-x"
o --gc >"$T/gc" 2>"$T/gc.err"
grep -q "^4 store paths deleted, " "$T/gc" || fail "gc: $(cat "$T/gc" "$T/gc.err")"
{ [ ! -e "$lone" ] && [ ! -e "$T/s/store/leftover" ] && [ ! -e "$T/s/store/.tmp-99999999-x" ]; } || fail "gc left garbage"
same "gc keeps what lives" "$(o -qR "$out" | sort)" "$(n -qR "$out" | sort)"
ok "store is whole after gc" n --verify --check-contents
rm "$T/out-link" "$T/drv-link"
o --gc >/dev/null 2>&1
same "gc without roots" "$(n --dump-db)" ""
same "nothing is left" "$(ls "$T/s/store")" ""

# optimise
make_tree "$T/tree" && cp -a "$T/tree" "$T/tree2" && chmod u+w "$T/tree2" && echo x >"$T/tree2/more"
p1=$(o --add "$T/tree") && p2=$(o --add "$T/tree2")
ok "optimise" o --optimise
same "hard links" "$(stat -c %i "$p1/sub/numbers")" "$(stat -c %i "$p2/sub/numbers")"
ok "optimised store verifies" n --verify --check-contents
same "folder times" "$(stat -c '%Y %a' "$p1/sub" "$p2/sub")" "$(printf '1 555\n1 555')"
ok "Nix optimises after us" n --optimise
o --gc >/dev/null 2>&1
same "links are swept" "$(ls "$T/s/store/.links")" ""

# keys
ok "key" o --generate-binary-cache-key test-1 "$T/sec" "$T/pub"
grep -q '^test-1:' "$T/pub" || fail "public key"
exit $failed
