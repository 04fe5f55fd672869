# SPDX-License-Identifier: GPL-2.0-or-later
# what: a module of the kernel's own name takes its place, patched by overrideAttrs (25: one of the kernel's tree)
must "the same system as real Nix" same_system "$row/snippet.nix"
must "the guest loads the patched one" guest ifb '[1-9]'
log() {
  local words tree
  guest_words
  tree=$(built "${words[@]}" -A config.system.modulesTree) && ours nix-store --read-log "${tree#"$store"}"
}
must "the build says so" log
must "with both names" says must.log "net/ifb.ko.* gives way to that of .*ifb-kernel-module"
clash='{ config, pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackages_debian_bin; boot.extraModulePackages = map (v: pkgs.callPackage '"$here"'/packages/ifb-kernel-module.nix { inherit (config.boot.kernelPackages) kernel; pkgs = pkgs // { stdenv = pkgs.stdenv // { mkDerivation = a: pkgs.stdenv.mkDerivation (a // { version = v; }); }; }; }) [ "1" "2" ]; }'
must "two packages with one module are told" fails "the module ifb is in both" \
  ours nix-build "$nixpkgs/nixos" --arg configuration "$clash" -A config.system.modulesTree --no-out-link
