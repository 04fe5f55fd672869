#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The main job on real input: the kernel that examples/demo/configuration.nix declares is built from Debian's kernel source, booted in QEMU, and
# what the guest shows is compared with what was declared. State goes to .kernix/ in the project: a private store, nothing of the machine's.
# demo.sh BUILD [CONFIGURATION]
set -u
cd "$(dirname "$0")/.." || exit 1
kernix=$PWD/$1/kernix bin=$PWD/$1/bin
config=$(realpath "${2:-examples/demo/configuration.nix}")
root=${KERNIX_DEMO_ROOT:-$PWD/.kernix/demo}
state=$PWD/.kernix
export NIX_REMOTE="local?root=$root" NIX_PATH="nixpkgs=$PWD/nixpkgs:nixos-config=$config" NIXOS_CONFIG=$config
mkdir -p "$root" "$state"
start=$SECONDS
say() { echo "demo: $*"; }

say "configuration: ${config#"$PWD"/}"
say "store: $root  (real Nix reads it: nix-store --store 'local?root=$root' --verify)"
say "evaluating; building what is not there yet (the first time: source, .config, kernel, modules, initrd, system)"
"$bin/nix-build" '<nixpkgs/nixos>' -A vm -o "$state/demo-result" >"$state/demo-out" || { say "the build failed"; exit 1; }
say "built after $((SECONDS - start)) s: $(cat "$state/demo-out")"

"$bin/nix-instantiate" --eval --raw -E "import $(dirname "$config")/facts.nix { configuration = $config; }" >"$state/demo-facts" || exit 1
count=$(wc -l <"$state/demo-facts")
{
  n=0
  while IFS=$'\t' read -r _ _ probe; do
    n=$((n + 1))
    printf 'printf "FACT %s %%s\\n" "$(%s 2>&1 | head -n 1)"\n' "$n" "$probe"
  done <"$state/demo-facts"
} >"$state/demo-probe"

say "booting it in QEMU"
"$kernix" vm "$state/demo-result" --timeout 300 --check "$state/demo-probe" --log "$state/demo-console" </dev/null | sed 's/\r$//; s/^/  guest| /'

echo
true_rows=0 n=0
printf '%-66s | %s\n' "declared" "seen in the running kernel"
printf '%.0s-' {1..66}; printf -- '-+-'; printf '%.0s-' {1..40}; echo
while IFS=$'\t' read -r declared expect _; do
  n=$((n + 1))
  seen=$(tr -d '\r' <"$state/demo-console" | sed -n "s/^FACT $n //p" | tail -n 1)
  if [ "$seen" = "$expect" ]; then mark= true_rows=$((true_rows + 1)); else mark="  <-- expected: $expect"; fi
  printf '%-66s | %s%s\n' "$declared" "$seen" "$mark"
done <"$state/demo-facts"
echo
say "$((SECONDS - start)) s in all"
say "$true_rows of $count declared facts seen in the running kernel"
[ "$count" -gt 0 ] && [ "$true_rows" = "$count" ]
