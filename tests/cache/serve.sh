#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# nix-store --serve: real Nix's nix copy, nix-copy-closure and remote builds over ssh:// with us at the other end (an ssh that stays here), ours with
# Nix's, and a client that says nonsense.
. "$(dirname "$0")/../store/lib.sh"
for name in nix nix-build nix-instantiate; do ln -sf "$build/kernix" "$T/bin/$name"; done
real_nix=$(type -P nix) real_build=$(type -P nix-build) real_copy=$(type -P nix-copy-closure)
mkdir -p "$T/ssh" "$T/ourconf"
cat >"$T/ssh/ssh" <<'END'
#!/bin/bash
# ssh [OPTIONS] HOST COMMAND...: HOST names a store here; nix-NAME has Nix's programs, others ours.
while [ $# -gt 0 ]; do
  case $1 in
    -o | -i | -p | -l) shift 2 ;;
    --) shift ;;
    -*) shift ;;
    *) break ;;
  esac
done
host=${1#*@}; shift
while [ "${1#-}" != "$1" ]; do [ "$1" = -o ] && shift; shift; done
[ $# -gt 0 ] || exit 0
case $host in nix-*) PATH=$NIX_BIN:/usr/bin:/bin ;; *) PATH=$T/bin:/usr/bin:/bin; NIX_CONF_DIR=$T/ourconf ;; esac
export NIX_REMOTE="local?root=$T/$host"
exec bash -c "$*"
END
chmod +x "$T/ssh/ssh"
export T NIX_BIN="${nix_store%/*}"
PATH=$T/ssh:$PATH
at() { NIX_CONF_DIR="$T/ourconf" NIX_REMOTE="local?root=$1" "$T/bin/$2" "${@:3}"; }
rnix() { NIX_REMOTE="local?root=$1" "$real_nix" --extra-experimental-features nix-command "${@:2}"; }

cat >"$T/x.nix" <<'END'
let d = name: deps: derivation { inherit name deps; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo ${name} $deps > $out" ]; };
  a = d "a" [ ]; b = d "b" [ a ];
in d "top" [ a b ]
END
A=$T/A
top=$(at "$A" nix-build "$T/x.nix" --no-out-link 2>/dev/null)
drv=$(at "$A" nix-store -qd "$top")
closure=$(at "$A" nix-store -qR "$top")

ok "Nix copies to us" rnix "$A" copy --to ssh://host1 --no-check-sigs "$top"
same "what came" "$(at "$T/host1" nix-store -qR "$top")" "$closure"
ok "Nix verifies it" nix "$T/host1" --verify --check-contents
ok "again: nothing to do" rnix "$A" copy --to ssh://host1 --no-check-sigs "$top"
ok "Nix copies from us" rnix "$T/n1" copy --from ssh://host1 --no-check-sigs "$top"
same "what Nix has" "$(nix "$T/n1" -qR "$top")" "$closure"
ok "Nix copies derivations to us" rnix "$A" copy --to ssh://host2 --no-check-sigs "$drv"
ok "Nix asks us for what we know" rnix "$A" path-info --store ssh://host1 -r "$top"
ok "nix-copy-closure of Nix to us" env NIX_REMOTE="local?root=$A" "$real_copy" --to host3 "$top"
same "it came" "$(at "$T/host3" nix-store -qR "$top")" "$closure"
ok "nix-copy-closure of Nix from us" env NIX_REMOTE="local?root=$T/n3" "$real_copy" --from host3 "$top"
same "it came back" "$(nix "$T/n3" -qR "$top")" "$closure"
ok "we copy to Nix" at "$A" nix copy --to ssh://nix-4 "$top"
same "Nix has it" "$(nix "$T/nix-4" -qR "$top")" "$closure"
ok "we copy from Nix" at "$T/B4" nix copy --from ssh://nix-4 "$top"
same "we have it" "$(at "$T/B4" nix-store -qR "$top")" "$closure"

# Nix builds on us.
if "$real_build" --version 2>/dev/null | grep -q Nix; then
  ok "Nix builds on us" env NIX_REMOTE="local?root=$T/n5" "$real_build" "$T/x.nix" --no-out-link -j0 --builders "ssh://host5 x86_64-linux,aarch64-linux - 2" \
    --option builders-use-substitutes false
  same "the same bits" "$(cat "$T/n5$top" 2>/dev/null)" "$(cat "$A$top")"
  same "we built it" "$(at "$T/host5" nix-store --check-validity "$top" 2>&1)" ""
  sed 's/> \$out/; exit 3/' "$T/x.nix" >"$T/bad.nix"
  not_ok "a build that fails on us" env NIX_REMOTE="local?root=$T/n6" "$real_build" "$T/bad.nix" --no-out-link -j0 --builders "ssh://host5 x86_64-linux,aarch64-linux - 2"
  if grep -q "exit code 3" "$T/out"; then pass "why it failed"; else fail "why it failed: $(cat "$T/out")"; fi
fi

# Reading only, and nonsense.
u64() { local n=$1 i; for i in 1 2 3 4 5 6 7 8; do printf "\\x$(printf %02x $((n & 255)))"; n=$((n >> 8)); done; }
str() { u64 ${#1}; printf %s "$1"; head -c $(((8 - ${#1} % 8) % 8)) /dev/zero; }
hello() { u64 $((0x390c9deb)); u64 $((0x0207)); }
serve() { NIX_REMOTE="local?root=$T/host1" "$T/bin/nix-store" --serve "$@"; }
(hello; u64 4) >"$T/in"
if serve <"$T/in" >"$T/reply" 2>"$T/err"; then fail "import without --write"; else grep -q -- --write "$T/err" && pass "reading only: said" || fail "$(cat "$T/err")"; fi
(hello; u64 7; u64 0; u64 1; str "$top") >"$T/in"
ok "the client goes" bash -c "'$T/bin/nix-store' --store 'local?root=$T/host1' --serve <'$T/in' >'$T/reply'"
same "a closure" "$(strings -n 20 "$T/reply" | sort)" "$(sort <<<"$closure")"
for bad in "u64 1" "hello; u64 99" "hello; u64 1; u64 0; u64 0; u64 999999999999" "hello; u64 1; u64 0; u64 0; u64 1; u64 -1" "hello; u64 3; str /etc/passwd" \
  "hello; u64 3; str /nix/store/../../etc/passwd" "hello; u64 9; str $top; str ''; str zz" "hello; u64 8; str $drv; u64 5000" "hello; u64 7; u64 0; u64 3; str $top" \
  "u64 $((0x390c9deb)); u64 $((0x0907))"; do
  eval "($bad)" >"$T/in"
  serve --write <"$T/in" >"$T/reply" 2>"$T/err"
  status=$?
  if [ $status = 1 ] && grep -q '^error:' "$T/err"; then pass "nonsense: ${bad//"$T"/}"; else fail "nonsense '$bad': status $status, $(cat "$T/err")"; fi
done
ok "the store is whole" nix "$T/host1" --verify --check-contents
exit $failed
