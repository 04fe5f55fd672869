#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Initrds as a configuration gives them, and boots in which somebody types. Sourced by the tests beside it, after lib.sh.
bin=$KERNIX_BUILD/bin
export NIX_REMOTE="local?root=$W/store" NIX_PATH=nixpkgs=$KERNIX_SRC/nixpkgs HOME=$W
mkdir -p "$W/store"

# The initrd's files as the module gives them, built; and the tools for the guest that prepares.
files_of() { # CONFIGURATION: a JSON list of { source, target }, and of module names
  "$bin/nix-build" --no-out-link -E "
    let system = import <nixpkgs/nixos> { configuration = { lib, ... }: { $1 }; }; inherit (system) config pkgs lib;
        spec = builtins.fromJSON (builtins.unsafeDiscardStringContext system.config.system.build.initialRamdisk.spec);
    in pkgs.writeText \"files\" (builtins.toJSON {
      contents = lib.mapAttrsToList (target: file: { inherit target; source = \"\${file.source}\"; }) config.boot.initrd.extraFiles;
      modules = map (m: m // { optional = true; }) spec.availableKernelModules;
      inherit (spec) fileSystems;
    })" 2>"$W/nix-err" || cat "$W/nix-err" >&2
}
configured_initrd() { # OUT CONFIGURATION
  local store=$W/store file
  file=$(files_of "$2")
  jq -c --arg store "$store" '{fileSystems, availableKernelModules: .modules, contents: [.contents[] | .source = $store + .source]}' "$store$file" | sed 's/^{//; s/}$//' >"$W/members"
  initrd "$1" "$(cat "$W/members")"
}

# Boots and types each LINE when the console asks for a passphrase or PIN once more. boot_typing LOG INITRD PARAMETERS DRIVES LINE...
boot_typing() {
  local log=$1 initrd=$2 params=$3 drives=$4 keys=$W/keys asked=0 line
  shift 4
  rm -f "$keys" && mkfifo "$keys"
  : >"$log.raw"
  timeout -k 5 90 qemu-system-x86_64 -accel tcg -m 512 -nodefaults -display none -serial stdio -no-reboot -kernel "$KERNEL" -initrd "$initrd" \
    -append "console=ttyS0 panic=-1 boot.panic_on_fail $params" $drives <"$keys" >"$log.raw" 2>&1 &
  exec 4>"$keys"
  for line; do
    asked=$((asked + 1))
    for _ in $(seq 300); do
      [ "$(grep -aoE 'Passphrase for |PIN of ' "$log.raw" | wc -l)" -lt $asked ] && kill -0 $! 2>/dev/null || break
      sleep 0.2
    done
    (printf '%s\n' "$line" >&4) 2>/dev/null || : # who ended early reads no more
  done
  wait $! || :
  exec 4>&-
  tr -d '\r' <"$log.raw" >"$log"
}
