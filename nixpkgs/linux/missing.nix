# SPDX-License-Identifier: GPL-2.0-or-later
# What is said of names that the package set and the sets of kernel packages do not have (kernix's evaluator asks their attribute `__missing`): a text
# for the one who wrote the name, or "".
{ lib }:
let
  unpackaged = import ./modules/unpackaged.nix;
  older = { nvidia_x11_legacy340 = "legacy_340"; nvidia_x11_legacy390 = "legacy_390"; nvidia_x11_legacy470 = "legacy_470"; nvidia_x11_legacy535 = "legacy_535"; };
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
rec {
  ofModule = name: "kernix does not have this kernel module. Write down how its source is fetched and built (the wiki page on the Linux kernel shows how) and take it with boot.extraModulePackages = [ (config.boot.kernelPackages.callPackage ./${name}.nix { }) ];";
  inKernelPackages = name:
    if builtins.elem name unpackaged then ofModule name
    else if older ? ${name} then "it is nvidiaPackages.${older.${name}} of this set"
    else "";
  inPackages = name:
    let
      isKernel = lib.hasPrefix "linux" name;
      brought = builtins.filter (word: lib.hasInfix word (lib.toLower name)) (builtins.attrNames overlays);
    in
    if isKernel && brought != [ ] then "${overlays.${builtins.head brought}}: add it to nixpkgs.overlays"
    else if builtins.match "linux(Packages)?_[0-9]+_[0-9]+.*" name != null then "this series has no kernel here (any more); there are ${numbers}, and linuxPackages (long-term) and linuxPackages_latest"
    else "";
}
