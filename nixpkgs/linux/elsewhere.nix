# SPDX-License-Identifier: GPL-2.0-or-later
# Names of kernels that people write and that are nowhere in this set (nor in nixpkgs, most of them): what they are, where
# they come from and what to take in their place. The evaluator asks this for its message (pkgs.__missing): a text, or null.
# A name that has a row of its own gets that; else the family that is in it; else a number is told which series there are.
{ lib }:
let
  # A kernel and its set of packages: linux_X and linuxPackages_X.
  both = name: text: [
    { name = "linux${name}"; value = text; }
    { name = "linuxPackages${name}"; value = text; }
  ];
  guest = "A system is started in a guest by kernix vm RESULT (config.system.build.vm); tests that Python drives are not built here.";
  uboot = "Boot loaders of boards are the distribution's: apt-get install u-boot-rpi, u-boot-rockchip, u-boot-sunxi, ... (arm-trusted-firmware).";
  renamed = new: "It is called pkgs.${new} today.";
  removed = reason: "${reason}; pkgs.linuxPackages_latest is the newest stable series, pkgs.linuxPackages the newest LTS series.";

  names = builtins.listToAttrs (lib.concatMap (row: both (builtins.elemAt row 0) (builtins.elemAt row 1)) [
    [ "_lts" "Nixpkgs has no such name: the newest LTS series is pkgs.linuxPackages (pkgs.linux)." ]
    [ "_stable" "Nixpkgs has no such name: the newest stable series is pkgs.linuxPackages_latest (pkgs.linux_latest)." ]
    [ "_mainline" "Nixpkgs has no such name: release candidates are pkgs.linuxPackages_testing (pkgs.linux_testing)." ]
    [ "_rt" (renamed "linuxPackages-rt") ]
    [ "_rt_latest" (renamed "linuxPackages-rt_latest") ]
    [ "_libre" (renamed "linuxPackages-libre") ]
    [ "_latest_libre" (renamed "linuxPackages_latest-libre") ]
    [ "_hardened_latest" (renamed "linuxPackages_latest_hardened") ]
    [ "_zen_latest" (renamed "linuxPackages_zen") ]
    [ "_liquorix" (renamed "linuxPackages_lqx") ]
    [ "_xanmod_tt" (removed "XanMod's task type scheduler kernel is no longer made; pkgs.linuxPackages_xanmod_latest is XanMod's newest") ]
    [ "_xanmod_edge" (renamed "linuxPackages_xanmod_latest") ]
    [ "_xanmod_lts" (renamed "linuxPackages_xanmod") ]
    [ "_mptcp" (removed "Linux has MPTCP itself since 5.6 (CONFIG_MPTCP)") ]
    [ "_mptcp_95" (removed "Linux has MPTCP itself since 5.6 (CONFIG_MPTCP)") ]
    [ "_ham" (removed "It was one with other amateur radio options, and has no maintainer") ]
    [ "_hardkernel_latest" (removed "Hardkernel's own kernel ended with 4.14") ]
    [ "_hardkernel_4_14" (removed "Hardkernel's own kernel ended with 4.14") ]
    [ "_rpi5" "Nixpkgs has no such name: take pkgs.linuxPackages_rpi4, or nixos-hardware's raspberry-pi-5 for BCM2712 (defconfig = \"bcm2712_defconfig\")." ]
    [ "_xen" (renamed "linuxPackages_xen_dom0") ]
  ]) // {
    cachyosKernels = families.cachyos;
    nixosTest = guest;
    vmTools = guest;
    makeInitrdNG = "Here it is pkgs.makeInitrd that makes an initrd.";
    buildUBoot = uboot;
    crda = "Linux reads the regulatory database itself since 4.15: take pkgs.wireless-regdb (hardware.wirelessRegulatoryDatabase).";
    scx = "The schedulers of sched_ext are programs in Rust: take the distribution's package (scx-scheds) on a kernel with CONFIG_SCHED_CLASS_EXT.";
  };

  # Kernels of others, in many variants, by the word in the name.
  families = {
    cachyos = "CachyOS's kernels are not in nixpkgs either: they come from an overlay, such as nix-cachyos-kernel (github:xddxdd/nix-cachyos-kernel, pkgs.cachyosKernels.linuxPackages-cachyos-latest) or chaotic-nyx (github:chaotic-cx/nyx, pkgs.linuxPackages_cachyos). Add it to nixpkgs.overlays; without it pkgs.linuxPackages_zen or pkgs.linuxPackages_xanmod_latest is the nearest.";
    jovian = "Steam Deck's kernels come with an overlay, Jovian-NixOS (github:Jovian-Experiments/Jovian-NixOS): add it to nixpkgs.overlays.";
    surface = "The Surface kernel comes from nixos-hardware (imports = [ <nixos-hardware/microsoft/surface/common> ]), or with its patches: boot.kernelPatches on pkgs.linuxPackages_latest.";
    asahi = "The kernels for Apple's machines come from nixos-apple-silicon (github:nix-community/nixos-apple-silicon); import its module (apple-silicon-support).";
    tkg = "The TkG kernels are scripts that patch kernel.org's sources; take the patches that you want as boot.kernelPatches.";
    clear = "Clear Linux's kernel is not in nixpkgs; its patches can be taken as boot.kernelPatches.";
    nitrous = "This kernel comes with an overlay of its own: add it to nixpkgs.overlays.";
    bazzite = "This kernel comes with an overlay of its own: add it to nixpkgs.overlays.";
    raspberrypi = "The vendor's kernels are linuxPackages_rpi1 to linuxPackages_rpi4 here; others come with an overlay, raspberry-pi-nix or nixos-raspberrypi.";
  };
  familyOf = name: lib.findFirst (word: lib.hasInfix word (lib.toLower name)) null (builtins.attrNames families);

  # Those that are still kept, of all tables that the set is made from: also what `kernix kernels update` learnt of.
  kept = lib.filterAttrs (name: release: builtins.match "[0-9.]+" name != null && !(release.eol or false)) (import ./releases.nix).series;
  series = lib.sort (a: b: builtins.compareVersions a b < 0) (builtins.attrNames kept);
  numbers = lib.concatMapStringsSep " " (name: "linuxPackages_${builtins.replaceStrings [ "." ] [ "_" ] name}") series;
in
name:
names.${name} or (
  if lib.hasPrefix "uboot" name || lib.hasPrefix "armTrustedFirmware" name then uboot
  else if lib.hasPrefix "linux" name && familyOf name != null then families.${familyOf name}
  else if builtins.match "linux(Packages)?_[0-9]+_[0-9]+.*" name != null then "This series has no kernel here (any more); kept are ${numbers}, and linuxPackages (long-term) and linuxPackages_latest."
  else null
)
