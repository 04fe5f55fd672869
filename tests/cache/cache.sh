#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Binary caches: filling one, taking from one (file:// and http://), by us and by real Nix; builds that are substituted; and a server that fails in every
# way that a server can: nothing wrong is ever registered, and what goes wrong is said.
. "$(dirname "$0")/../store/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
for name in nix nix-build nix-instantiate; do ln -sf "$build/kernix" "$T/bin/$name"; done
command -v python3 >/dev/null || { echo "SKIP: no python3"; exit 77; }
real_nix=$(type -P nix)
server=
stop() { [ -z "$server" ] || { kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; }; server=; }
trap 'stop; cleanup' EXIT

cat >"$T/x.nix" <<'END'
let d = name: deps: derivation { inherit name deps; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo ${name} $deps $self > $out" ]; };
  a = d "a" [ ]; b = d "b" [ a ]; c = d "c" [ ];
in d "top" [ a b c ]
END
mkdir -p "$T/ourconf"
at() { NIX_CONF_DIR="$T/ourconf" NIX_REMOTE="local?root=$1" "$T/bin/$2" "${@:3}"; }
says() { # TEXT WHAT: the last output has it
  if grep -qF -- "$1" "$T/out"; then pass "$2"; else fail "$2: $(cat "$T/out")"; fi
}
"$T/bin/nix" key generate-secret --key-name k-1 >"$T/k.sec"
"$T/bin/nix" key convert-secret-to-public <"$T/k.sec" >"$T/k.pub"
"$T/bin/nix" key generate-secret --key-name other-1 | "$T/bin/nix" key convert-secret-to-public >"$T/other.pub"
key=$(cat "$T/k.pub")
A=$T/A C=$T/cache
top=$(at "$A" nix-build "$T/x.nix" --no-out-link 2>/dev/null)
ok "filling a cache" at "$A" nix copy --to "file://$C?secret-key=$T/k.sec" "$top"
says "copied 4 paths (of 4)" "how many were given"
ok "filling it again" at "$A" nix copy --to "file://$C?secret-key=$T/k.sec" "$top"
not_ok "another compression that there is not" at "$A" nix copy --to "file://$T/c2?compression=rar" "$top"
for c in zstd bzip2 gzip none; do
  ok "filling with $c" at "$A" nix copy --to "file://$T/cache-$c?secret-key=$T/k.sec&compression=$c" "$top"
  ok "taking $c" at "$T/s-$c" nix copy --from "file://$T/cache-$c" --trusted-public-keys "$key" "$top"
  same "content of $c" "$(cat "$T/s-$c$top")" "$(cat "$A$top")"
  ok "Nix verifies it" nix "$T/s-$c" --verify --check-contents
done

# With real Nix at the other end, both ways.
rnix() { NIX_REMOTE="local?root=$1" "$real_nix" --extra-experimental-features nix-command "${@:2}"; }
ok "Nix takes from ours" rnix "$T/n1" copy --from "file://$C" --trusted-public-keys "$key" "$top"
same "what Nix took" "$(cat "$T/n1$top")" "$(cat "$A$top")"
ok "Nix fills one" rnix "$A" copy --to "file://$T/theirs?secret-key=$T/k.sec" "$top"
ok "we take from Nix's" at "$T/s-theirs" nix copy --from "file://$T/theirs" --trusted-public-keys "$key" "$top"
same "what we took" "$(at "$T/s-theirs" nix-store -qR "$top")" "$(at "$A" nix-store -qR "$top")"
for f in "$C"/*.narinfo; do
  same "narinfo $(basename "$f")" "$(grep -v -E '^(URL|FileHash|FileSize|Sig)' "$f" | sort)" "$(grep -v -E '^(URL|FileHash|FileSize|Sig)' "$T/theirs/$(basename "$f")" | sort)"
done

# Trust.
not_ok "without a key" at "$T/s1" nix copy --from "file://$C" "$top"
says "not signed by any of the keys" "why not"
not_ok "another key" at "$T/s1" nix copy --from "file://$C" --trusted-public-keys "$(cat "$T/other.pub")" "$top"
not_ok "nothing was taken" at "$T/s1" nix-store --check-validity "$top"
ok "--no-check-sigs" at "$T/s1" nix copy --from "file://$C" --no-check-sigs "$top"
cp -r "$C" "$T/forged"
for f in "$T/forged"/*.narinfo; do sed -i 's/^NarSize: .*/NarSize: 999/' "$f"; done
not_ok "a narinfo that was changed" at "$T/s2" nix copy --from "file://$T/forged" --trusted-public-keys "$key" "$top"

# Builds take what there is.
B=$T/B
sub() { # STORE CACHE OPTION...
  at "$1" nix-build "$T/x.nix" --no-out-link --option substituters "$2" --option trusted-public-keys "$key" "${@:3}"
}
ok "dry run" sub "$B" "file://$C" --dry-run
says "these 4 paths will be fetched" "what would be fetched"
ok "a build that builds nothing" sub "$B" "file://$C"
if grep -q building "$T/out"; then fail "something was built: $(cat "$T/out")"; else pass "nothing was built"; fi
same "registered as signed" "$(at "$B" nix path-info --sigs "$top" | grep -c 'k-1:')" 1
ok "Nix verifies what was substituted" nix "$B" --verify --check-contents
ok "nix-store -r of a plain path" at "$T/B2" nix-store --option substituters "file://$C" --option trusted-public-keys "$key" -r "$top"
ok "substitute = false" sub "$T/B3" "file://$C" --option substitute false
says "building" "it was built"
printf 'substituters = file://%s\ntrusted-public-keys = %s\n' "$C" "$key" >"$T/user.conf"
NIX_USER_CONF_FILES=$T/user.conf ok "settings of a file" at "$T/B4" nix-build "$T/x.nix" --no-out-link
if grep -q building "$T/out"; then fail "the file was not read"; else pass "the file was read"; fi
cp -r "$C" "$T/part"
part_of() { grep -l "^StorePath: .*-$1\$" "$2"/*.narinfo; }
rm "$(part_of a "$T/part")"
ok "a cache without one reference" sub "$T/B5" "file://$T/part"
says "building" "what needs it was built"
if grep -q "building .*-c.drv" "$T/out"; then fail "c was built: $(cat "$T/out")"; else pass "c was taken"; fi
cp -r "$C" "$T/no-nar"
rm "$T/no-nar/$(sed -n 's/^URL: //p' "$(part_of b "$T/no-nar")")"
not_ok "a NAR that is gone" sub "$T/B6" "file://$T/no-nar"
says "--fallback" "what to do"
ok "--fallback" sub "$T/B6" "file://$T/no-nar" --fallback
ok "no such folder: built" sub "$T/B7" "file://$T/nowhere"
says "is not used" "why it was built"
sed 's,^StoreDir.*,StoreDir: /other/store,' -i "$T/part/nix-cache-info"
ok "for another store: built" sub "$T/B8" "file://$T/part"
says "/other/store" "whose store it is"
not_ok "an address that is none" sub "$T/B9" "gopher://x"
ln -s /etc/passwd "$T/evil" 2>/dev/null
cp -r "$C" "$T/escape"
sed -i 's,^URL: .*,URL: ../k.sec,' "$T/escape"/*.narinfo
not_ok "a narinfo that names a file outside" sub "$T/B10" "file://$T/escape"
says "outside of the cache" "it is said"

# Over HTTP, with faults.
serve() { # FOLDER FAULT [PATTERN] [FILE]
  stop
  rm -f "$T/port" "$1.log"
  python3 "$here/server.py" "$1" "$T/port" "${@:2}" &
  server=$!
  for _ in $(seq 100); do [ -s "$T/port" ] && break; sleep 0.05; done
  url=http://127.0.0.1:$(cat "$T/port")
}
n=0
good() { # WHAT OPTION...: all comes over
  n=$((n + 1))
  ok "$1" sub "$T/H$n" "$url" "${@:2}"
  same "$1: content" "$(cat "$T/H$n$top" 2>/dev/null)" "$(cat "$A$top")"
  if grep -q building "$T/out"; then fail "$1: built: $(cat "$T/out")"; else pass "$1: not built"; fi
}
bad() { # WHAT TEXT OPTION...: it fails with this text, and what is registered is right
  n=$((n + 1))
  not_ok "$1" sub "$T/H$n" "$url" --option download-attempts 2 "${@:3}"
  says "$2" "$1: said"
  not_ok "$1: not valid" at "$T/H$n" nix-store --check-validity "$top"
  ok "$1: Nix verifies" nix "$T/H$n" --verify --check-contents
}
serve "$C" none
good "over HTTP"
serve "$C" 503-twice
good "busy twice"
serve "$C" cut
good "cut in the middle"
if grep -q 'nar/.* bytes=[1-9]' "$C.log"; then pass "it went on where it broke"; else fail "no range: $(cat "$C.log")"; fi
serve "$C" redirect
good "redirected"
if command -v zstd >/dev/null; then
  serve "$T/cache-none" encode
  good "encoded for the journey"
fi
serve "$C" 500
bad "errors of the server" "HTTP error 500"
serve "$C" cut-always
bad "always cut" "unable to download"
serve "$C" stall
bad "a stalling server" "unable to download" --option stalled-download-timeout 1
serve "$C" redirect-file
bad "redirected to a file" "unable to download"
serve "$C" other nar/ "$T/cache-zstd/nix-cache-info"
bad "other bytes" "Nix archive"
good_nar=$(find "$T/cache-none/nar" -type f | head -n 1)
serve "$T/cache-none" other nar/ "$good_nar"
bad "another NAR" "mismatch"
head -c 100 "$(find "$C/nar" -type f | head -n 1)" >"$T/short.xz"
serve "$C" other nar/ "$T/short.xz"
bad "a truncated archive" "damaged"
serve "$C" 500 narinfo
n=$((n + 1))
ok "errors for narinfos: built" sub "$T/H$n" "$url" --option download-attempts 1
says "is not used" "errors for narinfos: said"
stop
n=$((n + 1))
ok "nobody there: built" sub "$T/H$n" "$url" --option download-attempts 1
says "is not used" "nobody there: said"
# What others wrote: no FileHash, a bare .nar with another compression's name, an unknown deriver, full paths.
cp -r "$T/cache-zstd" "$T/odd"
for f in "$T/odd"/*.narinfo; do sed -i -e '/^FileHash/d' -e '/^FileSize/d' -e 's/^Deriver: .*/Deriver: unknown-deriver/' "$f"; done
for f in "$T/odd"/nar/*.nar.zst; do mv "$f" "${f%.zst}"; done
sed -i 's/^\(URL: .*\)\.zst$/\1/' "$T/odd"/*.narinfo
serve "$T/odd" none
good "a bare .nar in zstd without FileHash"
stop
[ -z "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'kernix-cache*' 2>/dev/null)" ] || fail "temporary folders are left"
exit $failed
