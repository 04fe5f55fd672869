#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Command lines as people mistype them, and commands of Nix that are not built: each message says what to do, nothing is done.
set -u
cd "$KERNIX_SRC" || exit 1
. tests/cmd/lib.sh
export NIX_REMOTE="local?root=$work/store" HOME=$work NIX_PATH=nixpkgs=$PWD/nixpkgs
mkdir -p "$work/store" "$work/empty"
cd "$work/empty" || exit 1
says() { # NAME TEXT COMMAND...: must succeed and say the text
  local name=$1 text=$2
  shift 2
  if "$@" >"$work/out" 2>&1 && grep -qF -- "$text" "$work/out"; then ok "$name"; else bad "$name" "$work/out"; fi
}

for name in $("$KERNIX_BUILD/kernix" --command-links); do
  says "$name --version" "$name (kernix)" "$bin/$name" --version
  case $name in nixos-rebuild) words=(build -I nixos-config=/dev/null) ;; *) words=() ;; esac
  expect_fail "$name: an option that is none" "no-such-option" "$bin/$name" "${words[@]}" --no-such-option
done
expect_fail "a misspelt option" "unrecognised flag '--atr'|Did you mean '--attr'?|--help" "$bin/nix-build" --atr x
"$bin/nix-build" -Z 2>&1 | grep -q 'Did you mean' && bad "one letter is like nothing" || ok "one letter is like nothing"
expect_fail "nothing to build here" "default.nix' does not exist|Name a file" "$bin/nix-build"
expect_fail "no shell here" "no shell.nix and no default.nix|-p PACKAGE" "$bin/nix-shell"
expect_fail "-E without an expression" "requires an expression" "$bin/nix-instantiate" --eval -E
expect_fail "nixos-rebuild alone" "no action|Actions are: switch, boot" "$bin/nixos-rebuild"
expect_fail "nixos-rebuild: a misspelt action" "unknown action 'swich'|Did you mean 'switch'?" "$bin/nixos-rebuild" swich
expect_fail "nixos-rebuild: a misspelt option of its own" "unknown option '--rolback' of nixos-rebuild|Did you mean '--rollback'?" "$bin/nixos-rebuild" boot --rolback
expect_fail "nixos-rebuild: one of nix-build's" "unrecognised flag '--keep-faild'|Did you mean '--keep-failed'?" "$bin/nixos-rebuild" build -I nixos-config=/dev/null --keep-faild
says "nix repl --help" 'Usage: nix repl' "$bin/nix" repl --help
expect_fail "nixos-rebuild with another word" "unknown action 'upgrade'|Actions are" "$bin/nixos-rebuild" upgrade
echo "{ outputs = _: { }; }" >"$work/flake.nix"
expect_fail "nixos-rebuild with a configuration as a word" "takes no 'sb.nix'|-I nixos-config=FILE" "$bin/nixos-rebuild" dry-build sb.nix
expect_fail "nixos-rebuild with a flake" "is a flake, not a configuration|nixos-rebuild build --flake $work#NAME" "$bin/nixos-rebuild" build -I nixos-config="$work/flake.nix"
for word in shell run hash profile search show-derivation; do
  expect_fail "nix $word" "'nix $word' is not built|what does it here" "$bin/nix" $word
done
expect_fail "a word that is none" "'bild' is not a command of nix|nix help" "$bin/nix" bild
says "nix eval -f FILE ATTR" '"y"' "$bin/nix" eval -f '<nixpkgs>' lib.kernel.yes.tristate
says "nix eval --expr EXPR ATTR" 12 "$bin/nix" eval --expr '{ a.b = 12; }' a.b
# As Nix: an expression is pure, a file is not.
says "nix eval --expr is pure" false "$bin/nix" eval --expr 'builtins ? currentTime'
says "an option in its place is the expression" -- "$bin/nix" eval --raw --expr '"--impure"'
says "nix eval --expr --impure" true "$bin/nix" eval --impure --expr 'builtins ? currentTime'
echo '{ a = builtins ? currentTime; }' >"$work/impure.nix"
says "nix eval -f is not pure" true "$bin/nix" eval -f "$work/impure.nix" a
expect_fail "nix build --expr is pure" "--impure" "$bin/nix" build --expr 'import <nixpkgs> { }'
expect_fail "nix-env -iA" "--install is not here|What works" "$bin/nix-env" -iA nixpkgs.hello
expect_fail "nix-env -qaP" "--query is not here" "$bin/nix-env" -qaP

built='derivation { name = "a"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo said; echo hi > $out" ]; }'
path=$("$bin/nix-build" --no-out-link -E "$built" 2>/dev/null)
expect_fail "--delete --dry-run" "nothing was done|--print-dead" "$bin/nix-store" --delete "$path" --dry-run
expect_fail "--gc --dry-run" "nothing was done|--print-dead" "$bin/nix-store" --gc --dry-run
check "nothing was deleted" "$bin/nix-store" --check-validity "$path"
says "nix-shell of a .drv" "name=a" "$bin/nix-shell" "$("$bin/nix-store" -qd "$path")" --run 'echo name=$name'
says "a nix-build in the shell is ours, though another is found first" "nix-build (kernix)" \
  env PATH=/usr/bin:/bin "$bin/nix-shell" "$("$bin/nix-store" -qd "$path")" --run 'nix-build --version'
# Debian 13's /tmp is a file system of its own: a store, and the folder where one is, in it.
if [ "$(id -u)" = 0 ]; then
  cat >"$work/in-tmp" <<'END'
mount -t tmpfs -o mode=1777 none /tmp && mkdir /tmp/here && cd /tmp/here && touch file && export HOME=/tmp/here TMPDIR=/tmp NIX_REMOTE="local?root=/tmp/here/store" || exit 1
drv=$("$1/nix-instantiate" -E 'derivation { name = "a"; system = builtins.currentSystem; builder = "/bin/sh"; }' 2>/dev/null)
"$1/nix-shell" "$drv" --run 'echo $name: $(pwd) $(ls)'
END
  says "nix-shell where /tmp is mounted" "a: /tmp/here file store" unshare -m bash "$work/in-tmp" "$bin"
fi
for command in "kernix boot status" "kernix boot confirm" "kernix boot keys --dry-run" "kernix hardware" nixos-generate-config "nixos-rebuild list-generations"; do
  # shellcheck disable=SC2086 # a list of words
  expect_fail "$command of a root that is not there" "the root folder '$work/none' does not exist" env PATH="$bin:$PATH" $command --root "$work/none"
done
check "it was not made" test ! -e "$work/none"
says "nix log" said "$bin/nix" log "$path"
finish
