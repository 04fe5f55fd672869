# SPDX-License-Identifier: GPL-2.0-or-later
# What is said of names of kernels that are in no table (elsewhere.nix): by the family that the name belongs to. A text, or null.
{ lib }:
let
  overlays = {
    cachyos = "CachyOS's kernels come with an overlay, chaotic-nyx (github:chaotic-cx/nyx) or nix-cachyos-kernel (github:xddxdd/nix-cachyos-kernel)";
    jovian = "Steam Deck's kernels come with an overlay, Jovian-NixOS (github:Jovian-Experiments/Jovian-NixOS)";
    asahi = "the kernels for Apple's machines come with an overlay, apple-silicon-support (github:nix-community/nixos-apple-silicon)";
    surface = "the kernels of linux-surface come with the modules of nixos-hardware (microsoft/surface)";
    tkg = "linux-tkg's kernels come with an overlay of their own";
    nitrous = "this kernel comes with an overlay of its own";
    bazzite = "this kernel comes with an overlay of its own";
    clear = "this kernel comes with an overlay of its own";
    raspberrypi = "the vendor's kernels are linuxPackages_rpi1 to linuxPackages_rpi4 here; others come with an overlay, raspberry-pi-nix or nixos-raspberrypi";
  };
  series = builtins.fromJSON (builtins.readFile ./versions.json);
  numbers = lib.concatStringsSep " " (map (name: "linuxPackages_${builtins.replaceStrings [ "." ] [ "_" ] name}") (lib.sort (a: b: builtins.compareVersions a b < 0) (builtins.attrNames series.series)));
in
name:
let
  isKernel = lib.hasPrefix "linux" name;
  brought = builtins.filter (word: lib.hasInfix word (lib.toLower name)) (builtins.attrNames overlays);
in
if isKernel && brought != [ ] then "${overlays.${builtins.head brought}}: add it to nixpkgs.overlays"
else if builtins.match "linux(Packages)?_[0-9]+_[0-9]+.*" name != null then "this series has no kernel here (any more); there are ${numbers}, and linuxPackages (long-term) and linuxPackages_latest"
else null
