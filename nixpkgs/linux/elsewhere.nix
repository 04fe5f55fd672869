# SPDX-License-Identifier: GPL-2.0-or-later
# Names of kernels that people write and that are nowhere in this set (nor in nixpkgs, most of them): what they are, where
# they come from and what to take in their place. The evaluator asks this for its message (pkgs.__missing).
{ lib }:
let
  # A kernel and its set of packages: linux_X and linuxPackages_X.
  both = name: text: [
    { name = "linux${name}"; value = text; }
    { name = "linuxPackages${name}"; value = text; }
  ];
  cachyos = "CachyOS's kernels are not in nixpkgs either: they come from an overlay, such as nix-cachyos-kernel (pkgs.cachyosKernels.linuxPackages-cachyos-latest) or chaotic-nyx (pkgs.linuxPackages_cachyos). Add it to nixpkgs.overlays; without it pkgs.linuxPackages_zen or pkgs.linuxPackages_xanmod_latest is the nearest.";
  surface = "The Surface kernel comes from nixos-hardware (imports = [ <nixos-hardware/microsoft/surface/common> ]), or with its patches: boot.kernelPatches on pkgs.linuxPackages_latest.";
  asahi = "Asahi's kernel comes from nixos-apple-silicon; import its module (apple-silicon-support).";
  uboot = "Boot loaders of boards are the distribution's: apt-get install u-boot-rpi, u-boot-rockchip, u-boot-sunxi, ... (arm-trusted-firmware).";
  guest = "A system is started in a guest by kernix vm RESULT (config.system.build.vm); tests that Python drives are not built here.";
  renamed = new: "It is called pkgs.${new} today.";
  removed = reason: "${reason}; pkgs.linuxPackages_latest is the newest stable series, pkgs.linuxPackages the newest LTS series.";
  texts = lib.concatMap (row: both (builtins.elemAt row 0) (builtins.elemAt row 1)) ([
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
    [ "_surface" surface ]
    [ "-surface" surface ]
    [ "-asahi" asahi ]
    [ "_asahi" asahi ]
    [ "_tkg" "The TkG kernels are scripts that patch kernel.org's sources; take the patches that you want as boot.kernelPatches." ]
    [ "_clear" "Clear Linux's kernel is not in nixpkgs; its patches can be taken as boot.kernelPatches." ]
    [ "_xen" (renamed "linuxPackages_xen_dom0") ]
  ] ++ map (variant: [ variant cachyos ]) (lib.concatMap (dash: map (more: "${dash}cachyos${more}")
    [ "" "-lto" "-lto-zen4" "-lts" "-server" "-hardened" "-gcc" "-rc" "-zfs" "-latest" "-latest-lto" "-latest-zen4" "-bore" "-eevdf" "-deckify" "-sched-ext" ]) [ "_" "-" ]));
in
name:
(builtins.listToAttrs texts // {
  cachyosKernels = cachyos;
  nixosTest = guest;
  vmTools = guest;
  makeInitrdNG = "Here it is pkgs.makeInitrd that makes an initrd.";
  buildUBoot = uboot;
  crda = "Linux reads the regulatory database itself since 4.15: take pkgs.wireless-regdb (hardware.wirelessRegulatoryDatabase).";
  scx = "The schedulers of sched_ext are programs in Rust: take the distribution's package (scx-scheds) on a kernel with CONFIG_SCHED_CLASS_EXT.";
}).${name} or (if lib.hasPrefix "uboot" name || lib.hasPrefix "armTrustedFirmware" name then uboot else null)
