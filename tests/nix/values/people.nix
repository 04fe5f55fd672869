# SPDX-License-Identifier: GPL-2.0-or-later
# Kernels, modules, tools and their overrides as people write them in configurations, posts and shells: each has to come to
# a derivation, and to another one where something was asked for.
{ pkgs, lib, nixpkgs }:
let
  inherit (pkgs) linux linux_latest linuxPackages linuxKernel linuxPackagesFor;
  path = drv: builtins.unsafeDiscardStringContext drv.drvPath;
  is = drv: lib.isDerivation drv && lib.hasSuffix ".drv" (path drv);
  differs = a: b: is a && is b && path a != path b;
  with' = args: import nixpkgs ({ system = "x86_64-linux"; } // args);
  overlaid = overlay: with' { overlays = [ overlay ]; };
  unfree = with' { config.allowUnfree = true; };
  configfile = pkgs.writeText "config" "CONFIG_MODULES=y\n";
  patch = { name = "p"; patch = null; extraConfig = "USB_DEBUG y"; };
  tarball = pkgs.fetchurl { url = "mirror://kernel/linux/kernel/v6.x/linux-6.6.1.tar.xz"; sha256 = lib.fakeSha256; };
  fails = value: !(builtins.tryEval value).success;
  # A module that somebody wrote down.
  module = { stdenv, kernel, kernelModuleMakeFlags, rustPlatform, fetchFromGitHub }: stdenv.mkDerivation (final: {
    pname = "foo"; version = "1";
    src = fetchFromGitHub { owner = "a"; repo = "b"; tag = "v${final.version}"; hash = lib.fakeHash; };
    sourceRoot = "${final.src.name}/driver";
    hardeningDisable = [ "pic" "format" ];
    nativeBuildInputs = kernel.moduleBuildDependencies ++ [ rustPlatform.bindgenHook ];
    RUST_LIB_SRC = rustPlatform.rustLibSrc;
    makeFlags = kernelModuleMakeFlags ++ [ "KERNEL_DIR=${kernel.dev}/lib/modules/${kernel.modDirVersion}/build" ];
    meta.broken = kernel.kernelOlder "4.4";
  });
  every = names: set: builtins.all (name: is set.${name}) names;
in
{
  manualConfigOverride = is ((pkgs.linuxManualConfig.override { stdenv = pkgs.gcc12Stdenv; buildPackages = pkgs.buildPackages // { stdenv = pkgs.gcc12Stdenv; }; }) { inherit (linux) version src; inherit configfile; });
  manualConfigOld = is (pkgs.linuxManualConfig { inherit lib configfile; inherit (pkgs) stdenv; inherit (linux) version src; allowImportFromDerivation = true; });
  manualConfigInKernel = is (linuxKernel.manualConfig { inherit configfile; version = "6.1.5"; src = tarball; config = { CONFIG_MODULES = "y"; }; kernelPatches = [ linuxKernel.kernelPatches.bridge_stp_helper ]; });
  customPackage = is (linuxKernel.customPackage { version = "6.12.1"; src = tarball; inherit configfile; }).kernel;
  buildLinuxOverride = differs ((pkgs.buildLinux.override { stdenv = pkgs.clangStdenv; }) { inherit (linux) src version; }) (pkgs.buildLinux { inherit (linux) src version; });
  buildLinuxArgument = differs (linux_latest.override { buildLinux = args: pkgs.buildLinux (args // { stdenv = pkgs.clangStdenv; }); }) linux_latest;
  stdenvOverride = differs (linux.override { stdenv = pkgs.clangStdenv; }) linux;
  modDirVersionArg = (pkgs.buildLinux { inherit (linux) src; version = "6.6"; modDirVersionArg = "6.6.0-mine"; }).modDirVersion == "6.6.0-mine";
  argsOverride = (pkgs.linux_6_6.override { argsOverride = rec { src = tarball; version = "6.6.1"; modDirVersion = version; }; }).version == "6.6.1";
  argsOverrideTwice = (linux.override (old: { argsOverride = (old.argsOverride or { }) // { version = "6.18.99"; }; })).version == "6.18.99";
  versionComesTooEarly = (linux.override { version = "9.9"; }).version == linux.version;
  kernelPatches = differs (linux.override { kernelPatches = linux.kernelPatches ++ [ patch ]; }) linux;
  ignoreErrors = differs (linux_latest.override { ignoreConfigErrors = true; structuredExtraConfig = with lib.kernel; { PREEMPT = lib.mkForce yes; HZ = freeform "1000"; }; }) linux_latest;
  finalAttrs = (linux.overrideAttrs (final: old: { pname = "linux-mine"; passthru = old.passthru // { x = final.version; }; })).x == linux.version;
  finalAttrsName = lib.hasPrefix "linux-mine-" (linux.overrideAttrs (final: old: { pname = "linux-mine"; })).name;
  extend = differs (linuxPackages.extend (self: super: { kernel = super.kernel.override { kernelPatches = [ patch ]; }; })).kernel linux;
  extendModule = differs (linuxPackages.extend (self: super: { v4l2loopback = super.v4l2loopback.overrideAttrs { version = "9"; }; })).v4l2loopback linuxPackages.v4l2loopback;
  packagesFor = is (linuxKernel.packagesFor (linuxKernel.kernels.linux_6_12.override { kernelPatches = [ patch ]; })).v4l2loopback;
  kernelsExtend = differs (overlaid (final: prev: { linuxKernel = prev.linuxKernel // { kernels = prev.linuxKernel.kernels.extend (lf: lp: { linux_6_12 = lp.linux_6_12.override { kernelPatches = [ patch ]; }; }); }; })).linux_6_12 pkgs.linux_6_12;
  packagesChange = (overlaid (final: prev: { linuxKernel = prev.linuxKernel // { packages = prev.linuxKernel.packages // { linux_6_12 = prev.linuxKernel.packages.linux_6_12.extend (s: p: { zfs = p.zfs_2_4; }); }; }; })).linuxPackages_6_12.zfs.version == linuxPackages.zfs_2_4.version;
  latestOverlay = differs (overlaid (self: super: { linuxPackages_latest = super.linuxPackages_latest.extend (a: b: { kernel = b.kernel.override { extraConfig = "FOO y"; }; }); })).linuxPackages_latest.kernel linux_latest;
  aliases = is linuxKernel.packageAliases.linux_latest.kernel && is linuxKernel.packageAliases.linux_default.kernel;
  vanilla = is linuxKernel.vanillaPackages.linux_6_12.kernel;
  rpiPackages = lib.isString linuxKernel.rpiPackages.linux_rpi4.kernel.version && fails (path linuxKernel.rpiPackages.linux_rpi4.kernel);
  hardenedPackagesFor = (linuxKernel.hardenedPackagesFor pkgs.linux_6_12 { }).kernel.isHardened;
  hardenedWithAnswers = differs (pkgs.hardenedLinuxPackagesFor pkgs.linux_6_12 { structuredExtraConfig.ANDROID = lib.kernel.yes; }).kernel pkgs.linux_6_12_hardened;
  hardenedIsTheSame = path (pkgs.hardenedLinuxPackagesFor pkgs.linux_6_12 { }).kernel == path pkgs.linux_6_12_hardened;
  hardenedWithoutPatch = fails (path (pkgs.hardenedLinuxPackagesFor pkgs.linux_7_2 { }).kernel);
  headers = is (pkgs.makeLinuxHeaders { inherit (linux) src version; patches = [ ]; }) && is pkgs.linuxHeaders && pkgs.linuxHeaders.version == linux.version;
  modulesClosure = is (pkgs.makeModulesClosure { kernel = linux.modules; firmware = pkgs.linux-firmware; rootModules = [ "loop" "ext4" ]; allowMissing = true; });
  withRust = !linux.withRust && (linux.override { structuredExtraConfig.RUST = lib.kernel.yes; }).withRust;
  kernelAttributes = linux.kernelAtLeast "5.4" && !linux.kernelOlder "5.4" && linux.isModular && linux.baseVersion != "" && is linux.configEnv && builtins.isList linux.commonMakeFlags && builtins.isList linux.moduleMakeFlags && linux.passthru ? kernelPatches;
  zfsOverride = is (pkgs.zfs.override { removeLinuxDRM = true; }) && is (pkgs.zfs_unstable.override { enableUnsupportedExperimentalKernel = true; });
  zfsAsModule = differs (pkgs.zfs.override { configFile = "kernel"; kernel = linux; }) pkgs.zfs;
  zfsModuleOverride = differs (linuxPackages.zfs.override { removeLinuxDRM = true; }) linuxPackages.zfs;
  zfsOfDebian = linuxPackages.zfs_2_4.src ? version && pkgs.linuxPackages_debian.zfs.version == linuxPackages.zfs_2_4.version;
  toolOverride = is (pkgs.qemu.override { hostCpuTargets = [ "x86_64-softmmu" ]; }) && is (pkgs.git.override { withLibsecret = true; });
  ownModule = is (pkgs.linuxPackages_latest.callPackage module { });
  modules = every [
    "kvmfr" "lenovo-legion-module" "batman_adv" "tt-kmd" "rtl8821cu" "rtl8852bu" "rtl8188eus-aircrack" "virtualbox" "system76" "system76-io"
    "system76-acpi" "tuxedo-keyboard" "msi-ec" "amneziawg" "hid-tmff2" "new-lg4ff" "zenergy" "vhba" "gasket" "corefreq" "yt6801" "qc71_laptop"
    "xpad-noone" "asus-ec-sensors" "liquidtux" "lkrg" "dpdk-kmods" "rtl8189es" "rtl8189fs" "vmm_clock" "akvcam" "nullfs" "acer-wmi-battery"
  ] linuxPackages;
  modulesOfDebian = every [ "lenovo-legion-module" "virtualbox" "vhba" "yt6801" "dpdk-kmods" "zfs" ] pkgs.linuxPackages_debian;
  modulesOfOlderKernels = every [ "rtl88xxau-aircrack" "rtl8814au" "rtl8821au" "rtl8723ds" "rtl8852au" ] pkgs.linuxPackages_6_12;
  broadcomIsUnfree = fails (path linuxPackages.broadcom_sta) && is unfree.linuxPackages.broadcom_sta;
  partOfTheKernel = linuxPackages.rtw89 == null && is pkgs.linuxPackages_5_15.rtw89;
  nvidiaOpen = is linuxPackages.nvidiaPackages.stable.open && is linuxPackages.nvidiaPackages.latest.open;
  firmware = every [ "linux-firmware" "sof-firmware" "rtw89-firmware" "rtl8761b-firmware" "broadcom-bt-firmware" "microcode-intel" "microcode-amd" "raspberrypifw" "firmware-iwlwifi" "wireless-regdb" ] pkgs;
  firmwareLeftOut = is pkgs.xow_dongle-firmware && is pkgs.alsa-firmware;
  shell = is (pkgs.mkShell { packages = with pkgs; [ nodejs yarn pre-commit go gopls delve sqlite postgresql ffmpeg imagemagick poetry docker-compose avrdude gcc-arm-embedded libffi ]; });
  forges = is (pkgs.fetchFromCodeberg { owner = "a"; repo = "b"; rev = "c"; hash = lib.fakeHash; }) && is (pkgs.fetchFromGitiles { url = "https://android.googlesource.com/kernel/common"; rev = "c"; hash = lib.fakeHash; }) && is (pkgs.fetchFromBitbucket { owner = "a"; repo = "b"; rev = "c"; hash = lib.fakeHash; });
  hooks = is (pkgs.mkShell { packages = with pkgs; [ makeWrapper installShellFiles (python3.withPackages (p: [ p.GitPython p.pyyaml ])) ]; });
  deviceTrees = is (pkgs.deviceTree.applyOverlays linux [ { name = "x"; dtboFile = configfile; filter = null; } ]) && is (pkgs.deviceTree.compileDTS { name = "x.dtbo"; dtsFile = configfile; });
  kernelTests = linux.tests == { };
  missingIsLazy = !(pkgs ? linuxPackages_cachyos) && (pkgs.linuxPackages_cachyos or 1) == 1 && !(linuxPackages ? tsme-test);
}
