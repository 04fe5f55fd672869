#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# nix path-info, nix store ..., nix key ..., nix derivation show: what they print is what Nix 2.34 printed on the same store (nix-words.expected; with
# KERNIX_RECORD=1 and KERNIX_NEW_NIX=NIX written anew by that Nix, which is given the words as an ordinary user would).
. "$(dirname "$0")/lib.sh"
for name in nix nix-instantiate; do ln -sf "$build/kernix" "$T/bin/$name"; done
here=$(cd "$(dirname "$0")" && pwd)
expected=$here/nix-words.expected
S=$T/s
export NIX_REMOTE="local?root=$S"

mkdir -p "$T/in/d"
echo hi >"$T/in/a"
echo x >"$T/in/d/x"
chmod +x "$T/in/d/x"
ln -s a "$T/in/l"
cat >"$T/e.nix" <<'END'
let a = derivation { name = "a-1.0"; system = "x86_64-linux"; builder = "/bin/sh"; outputs = [ "out" "dev" ]; };
  f = derivation { name = "f"; system = "x86_64-linux"; builder = "builtin:fetchurl"; url = "http://x/"; outputHash = "sha256-jVstQZ78PNu9MDL2XmnoupHwVS7RBnlm1hjWFUJnkBo="; outputHashMode = "recursive"; };
  g = derivation { name = "g"; system = "x86_64-linux"; builder = "b"; outputHash = "d41d8cd98f00b204e9800998ecf8427e"; outputHashAlgo = "md5"; };
  s = derivation { name = "s"; system = "x86_64-linux"; builder = "/bin/sh"; __structuredAttrs = true; x = { a = [ 1 2 ]; }; };
in derivation { name = "b-1.0"; system = "x86_64-linux"; builder = "/bin/sh"; args = [ a a.dev f g s ]; src = ./in; }
END
P=$("$T/bin/nix-store" --add "$T/in")
B=$("$T/bin/nix-instantiate" "$T/e.nix" 2>/dev/null)
A=$("$T/bin/nix-store" -qR "$B" | grep a-1.0.drv)
# A path without a content address, which refers to another.
O=/nix/store/00000000000000000000000000000000-zz-1
echo data >"$S$O"
printf '%s\n\n1\n%s\n' "$O" "$P" | "$T/bin/nix-store" --register-validity || fail "registering $O"
secret="k-1:oCQg7sC0EOMJHVtGg8uLafSZ8sNvvrCkkk+lj+xBuA4r1b19mn4gYkGIcNIrmo2UDOZqjEEjz2gFGx8PAO7H+A=="
echo "$secret" >"$T/k.sec"

words() { # WORD...: what it prints, its exit status, without what differs from run to run
  echo "== ${*//"$T"/T}"
  if [ -n "${KERNIX_RECORD:-}" ]; then
    "$KERNIX_NEW_NIX" --extra-experimental-features nix-command "$@" 2>/dev/null
  else
    "$T/bin/nix" "$@" 2>"$T/err"
  fi
  echo "[$?]"
}
all() {
  words path-info "$P"
  words path-info -sS --sigs "$B" "$O"
  words path-info -h -s "$B" "$O" "$P"
  words path-info -r "$O"
  words path-info --all
  words path-info --json --json-format 1 "$O" "$B"
  words path-info --json --json-format 2 -S -r "$B"
  words store verify "$P"
  words store verify -r "$O"
  words store verify --no-contents --no-trust "$O"
  words store verify -n 1 "$P"
  words store sign -k "$T/k.sec" -r "$O"
  words path-info -r --sigs "$O"
  words store verify --trusted-public-keys "$(words key convert-secret-to-public <"$T/k.sec" | sed -n '2s/\[.*//p')" "$O"
  words store verify --trusted-public-keys "k-1:K9W9fZp+IGJBiHDSK5qNlAzmaoxBI89oBRsfDwDux/g=" "$O"
  words store ls "$P"
  words store ls -lR "$P"
  words store ls --json -R "$P"
  words store ls --json "$P"
  words store ls -d "$P"
  words store ls -l "$P/a"
  words store ls "$P/d"
  words store ls "$P/zz"
  words store cat "$P/a"
  words store cat "$P"
  words store path-from-hash-part 00000000000000000000000000000000
  words store path-from-hash-part 00000000000000000000000000000001
  words store add "$T/in"
  words store add --mode flat "$T/in/a"
  words store add-file -n b "$T/in/a"
  words store add --mode flat --hash-algo sha1 "$T/in/a"
  words store add-path --dry-run -n foo "$T/in"
  words derivation show "$B"
  words derivation show -r "$B"
  words derivation show "$A"
  words store dump-path "$P" | "$T/bin/nix-hash" --flat --type sha256 /dev/stdin
  words key convert-secret-to-public <"$T/k.sec"
  chmod u+w "$S$O"
  echo bad! >"$S$O"
  words store verify "$O"
  words store verify --no-contents --no-trust "$O"
}
all | sed -E 's/"registrationTime":[0-9]+/"registrationTime":0/g' | tr -d '\0' >"$T/said"
if [ -n "${KERNIX_RECORD:-}" ]; then
  cp "$T/said" "$expected"
fi
while IFS= read -r line; do [[ $line == "== "* ]] && pass; done <"$expected"
cmp -s "$T/said" "$expected" || fail "not as Nix 2.34: $(diff "$T/said" "$expected" | head -n 20)"

# Keys that Nix and we made are each other's.
"$T/bin/nix" key generate-secret --key-name n-1 >"$T/n.sec"
ok "signing with a new key" "$T/bin/nix" store sign --key-file "$T/n.sec" "$P"
"$T/bin/nix" path-info --sigs "$P" | grep -q 'n-1:' || fail "no signature by the new key"
# Words that there are not, and operands that make no sense: a word each.
says() { # TEXT WORD...
  local text=$1
  shift
  if "$T/bin/nix" "$@" >"$T/out" 2>&1; then fail "nix $* succeeded"; elif grep -qF -- "$text" "$T/out"; then pass; else fail "nix $*: $(cat "$T/out")"; fi
}
says "Did you mean 'info'?" store sinfo
says "'nix store' needs a word" store
says "needs a store path" path-info
says "takes store paths" path-info nixpkgs#hello
says "is not in the Nix store" path-info /etc/passwd
says "exclude each other" store verify --all "$P"
says "'--key-file FILE'" store sign "$P"
says "is not valid" store cat /nix/store/00000000000000000000000000000001-x/a
says "unknown mode" store add --mode git "$T/in"
says "unrecognised" store gc --key-file x
exit $failed
