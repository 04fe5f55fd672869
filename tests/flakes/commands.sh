#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Commands with flakes: nix build, develop, eval, repl and flake, nixos-rebuild --flake: attributes that are looked for, defaults, the search
# upwards, what git tracks, options of the lock file, and what to type where something else was meant.
set -u
work=$(mktemp -d /dev/shm/kernix-flakes.XXXXXX 2>/dev/null || mktemp -d "${TMPDIR:-/tmp}/flakes.XXXXXX") # in memory: much is synced
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
. "$(dirname "$0")/lib.sh"
unset NIX_PATH
cd "$work" || exit 1
mkdir -p dep f/a/b data
echo text >data/file
echo '{ inputs.data = { url = "path:'"$work"'/data"; flake = false; }; outputs = { self, data }: { v = "one"; }; }' >dep/flake.nix
commit dep
cat >f/flake.nix <<EOF
{
  description = "Of everything one";
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.05";
  inputs.dep.url = "git+file://$work/dep";
  outputs = { self, nixpkgs, dep }:
    let hello = derivation {
      name = "hello"; system = "x86_64-linux"; builder = "/bin/sh"; outputs = [ "out" "doc" ];
      args = [ "-c" "echo \$word >\$out; echo doc >\$doc" ]; word = "hi"; SHELL_SEES = "this";
    };
    in {
      packages.x86_64-linux = { default = hello; inherit hello; };
      legacyPackages.x86_64-linux.old = hello;
      devShells.x86_64-linux.default = hello;
      v = dep.v; list = [ 1 2 ]; "a.b" = 3; fn = x: x + 1;
      nixosModules.default = { };
      overlays.default = final: prev: { };
      nixosConfigurations.box = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [ ({ lib, ... }: { fileSystems."/" = { device = "/dev/sda1"; fsType = "ext4"; }; networking.hostName = "box"; }) ];
      };
    };
}
EOF
cp -r f plain
cd f || exit 1
git init -q -b main . && git add -A
run() { "$bin/$@" >"$work/out" 2>"$work/err"; }
last() { tail -n 1 "$work/out"; }

run nix eval .#v
is 'nix eval' '"one"' "$(last)"
[ -e flake.lock ] && ok || bad 'the lock file is written'
has 'what is new is said' "• Added input 'dep/data':" "$work/err"
has 'nixpkgs is the package set' "note: the input 'nixpkgs' (github:NixOS/nixpkgs/nixos-25.05) is kernix's own package set here" "$work/err"
is 'git knows of it' flake.lock "$(git ls-files flake.lock)"
! grep -q nixpkgs flake.lock && ok || bad 'what the package set stands for is not locked'
git commit -q -am one
run nix eval .#v
! grep -q warning "$work/err" && ok || bad 'a locked and clean flake has no warning' "$(cat "$work/err")"
run nix eval --raw .#hello
is 'a package of the system' "$(last)" "$("$bin/nix" eval --raw .#packages.x86_64-linux.hello 2>/dev/null)"
is 'a legacy package' 'hello' "$("$bin/nix" eval --raw .#old.name 2>/dev/null)"
is 'a name with a dot' 3 "$("$bin/nix" eval '.#"a.b"' 2>/dev/null)"
is 'JSON' '[1,2]' "$("$bin/nix" eval --json .#list 2>/dev/null)"
is '--apply' 3 "$("$bin/nix" eval .#list --apply 'l: builtins.length l + 1' 2>/dev/null)"
mkdir -p a/b
is 'from a folder below' '"one"' "$(cd a/b && "$bin/nix" eval .#v 2>"$work/err")"
has 'it is searched upwards' "does not contain a 'flake.nix', searching up" "$work/err"
is 'by its path' '"one"' "$("$bin/nix" eval "$work/f#v" 2>/dev/null)"
is 'a URL' '"one"' "$("$bin/nix" eval "git+file://$work/f#v" 2>/dev/null)"
run nix eval .#hell
has 'a name that is near' "does not provide attribute 'packages.x86_64-linux.hell', 'legacyPackages.x86_64-linux.hell' or 'hell'" "$work/err"
has 'is suggested' 'Did you mean hello?' "$work/err"

# builds
run nix build && is 'nix build prints nothing' '' "$(cat "$work/out")"
is 'nix build: the default' hi "$(cat "$work/root/$(readlink result)")"
run nix build .#hello^doc -o out --print-out-paths && is 'another output' doc "$(cat "$work/root/$(readlink out-doc)")"
run nix build .#v
has 'what is no derivation' "expected flake output attribute 'v' to be a derivation or path but found a string" "$work/err"
run nix develop -c sh -c 'echo $SHELL_SEES' && is 'nix develop -c' this "$(last)"
run nix develop --phase build
has 'what is not built says so' 'nix develop --phase is not built' "$work/err"
printf 'v\n:lf %s/f\npackages.x86_64-linux.hello.name\n' "$work" | "$bin/nix" repl .#. >"$work/out" 2>&1
has 'nix repl: outputs are names' '"one"' "$work/out"
has 'nix repl: :lf' '"hello"' "$work/out"

# nix flake
run nix flake metadata
has 'metadata: the revision' "Revision:      $(git rev-parse HEAD)" "$work/out"
has 'metadata: inputs of inputs' '│   └───data: path:' "$work/out"
run nix flake metadata --json
has 'metadata as JSON' "\"revision\":\"$(git rev-parse HEAD)\"" "$work/out"
run nix flake show
has 'show: packages' "│       └───hello: package 'hello'" "$work/out"
has 'show: systems' '└───box: NixOS configuration' "$work/out"
run nix flake show --json
has 'show as JSON' '"nixosModules":{"default":{"type":"nixos-module"}}' "$work/out"
run nix flake check
is 'check' 0 $?
has 'check: a system' "checking 'nixosConfigurations.box'" "$work/err"
run nix flake init
has 'what is not built' "'nix flake init' is not built" "$work/err"

# the lock file
before=$(cat flake.lock)
echo '{ outputs = _: { v = "two"; }; }' >../dep/flake.nix && git -C ../dep commit -q -am two
is 'a locked input stays' '"one"' "$("$bin/nix" eval .#v 2>/dev/null)"
is '--override-input' '"two"' "$("$bin/nix" eval --override-input dep "git+file://$work/dep" .#v 2>"$work/err")"
has '--override-input changes nothing' 'not writing modified lock file' "$work/err"
is 'the lock file' "$before" "$(cat flake.lock)"
run nix eval --no-write-lock-file --update-input dep .#v
is '--update-input --no-write-lock-file' '"two"' "$(last)"
is 'the lock file stays' "$before" "$(cat flake.lock)"
run nix eval --no-update-lock-file --recreate-lock-file .#v
has '--no-update-lock-file' "requires lock file changes but they're not allowed" "$work/err"
run nix flake update nothing
has 'an input that is none' "'nothing' does not match any input of this flake" "$work/err"
run nix flake update dep
has 'nix flake update INPUT' "• Updated input 'dep':" "$work/err"
has 'and what goes with it' "• Removed input 'dep/data'" "$work/err"
is 'the new one' '"two"' "$("$bin/nix" eval .#v 2>/dev/null)"
run nix eval --commit-lock-file .#v
has '--commit-lock-file' '--commit-lock-file is not built' "$work/err"

# what git tracks
echo '1' >new.nix
sed -i 's/v = dep.v;/v = dep.v; n = import .\/new.nix;/' flake.nix
run nix eval .#n
has 'a file that git does not track' "Path 'new.nix' in the repository \"$work/f\" is not tracked by Git." "$work/err"
has 'a changed tree is dirty' "warning: Git tree '$work/f' is dirty" "$work/err"
git add new.nix
is 'and when it is' 1 "$("$bin/nix" eval .#n 2>/dev/null)"
is 'without git all files are taken' '"two"' "$("$bin/nix" eval "path:$work/plain#v" 2>/dev/null)"
mkdir ../empty && cd ../empty || exit 1
git init -q . && echo '{ outputs = _: { }; }' >flake.nix
run nix eval .#v
has 'a flake.nix that git does not track' "Path 'flake.nix' in the repository \"$work/empty\" is not tracked by Git." "$work/err"
cd ../f || exit 1

# getFlake
is 'getFlake' '"two"' "$("$bin/nix-instantiate" --extra-experimental-features flakes --eval -E "(builtins.getFlake \"git+file://$work/f\").v" 2>/dev/null)"
run nix-instantiate --extra-experimental-features flakes --pure-eval --eval -E "(builtins.getFlake \"git+file://$work/f\").v"
has 'getFlake in pure evaluation' 'on unlocked flake reference' "$work/err"
is 'fetchTree' '"file"' "$("$bin/nix-instantiate" --extra-experimental-features flakes --eval -E "builtins.head (builtins.attrNames (builtins.readDir (builtins.fetchTree \"path:$work/data\").outPath))" 2>/dev/null)"

# nixos-rebuild
run nixos-rebuild dry-build --flake .#box
is 'nixos-rebuild --flake' 0 $?
has 'it is the system' nixos-system-box "$work/err"
run nixos-rebuild dry-build --flake "$work/f"
has 'the name of this machine' "nixosConfigurations.\"$(uname -n | cut -d. -f1)\"" "$work/err"
has 'what is there' 'What is there: box' "$work/err"
run nixos-rebuild dry-build --flake "$work/f#box" --override-input dep "git+file://$work/dep"
is 'with options of the lock file' 0 $?
run nixos-rebuild dry-build -I nixos-config="$work/f/flake.nix"
has 'a flake that is named as configuration' "Type: nixos-rebuild dry-build --flake $work/f#NAME" "$work/err"
run nix-build '<nixpkgs/nixos>' -A system --dry-run -I nixos-config="$work/f/flake.nix"
is 'by nix-build, too' 1 $?
has 'by nix-build: what to type' "nixos-rebuild switch --flake $work/f#NAME" "$work/err"
echo config.networking.hostName | "$bin/nixos-rebuild" repl --flake .#box >"$work/out" 2>&1
has 'nixos-rebuild repl --flake' '"box"' "$work/out"

# nixpkgs as a word is the package set, as it is for inputs.
run nix eval --raw nixpkgs#linux.drvPath
is 'nixpkgs#ATTR' "$(nix-instantiate "$KERNIX_SRC/nixpkgs" -A linux 2>/dev/null)" "$(last)"
has 'which is said' "is kernix's own package set here" "$work/err"
run nix build --dry-run github:NixOS/nixpkgs/nixos-25.05#linux
is 'also by its address' 0 $?
is 'and said once' 1 "$(grep -c 'own package set here' "$work/err")"
run nix eval --no-embedded-nixpkgs nixpkgs#linux.name
is '--no-embedded-nixpkgs: nixpkgs itself' 1 $?

# nixpkgs itself where that is asked for: here there is no network
run nix eval --no-embedded-nixpkgs .#nixosConfigurations.box.config.networking.hostName
is '--no-embedded-nixpkgs takes the input' 1 $?
has 'which is not here' "while updating the flake input 'nixpkgs'" "$work/err"
package_set
run nix eval --override-input nixpkgs "path:$work/set?dir=nixpkgs" --impure .#nixosConfigurations.box.config.networking.hostName
is 'a folder in its place' '"box"' "$(last)"
finish
