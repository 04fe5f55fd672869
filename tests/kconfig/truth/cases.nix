# SPDX-License-Identifier: GPL-2.0-or-later
# Configurations as people write them, around the kernel tree of a few files that truth.sh makes. Each gives a module, and lines that its
# .config has (with ! before them: has not), so that every case is seen to change what it is about.
#
#   tree     the source                patches    a folder with patches and .config files
{ tree, patches }:
let
  # A kernel as `override` gives it; small: without it the tree's defconfig, and without the common configuration.
  source = { argsOverride = { version = "6.12.1"; src = tree; }; };
  small = { defconfig = "x86_64_defconfig"; enableCommonConfig = false; };
  override = args: { pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackagesFor (pkgs.linux_debian.override (source // small // args)); };
  overrideWith = f: { pkgs, lib, ... }@all: override (f all) all;
  build = args: { pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackagesFor (pkgs.buildLinux ({ version = "6.12.1"; src = tree; } // small // args)); };
  with' = module: more: args: { imports = [ (module args) (if builtins.isFunction more then more args else more) ]; };
  plain = override { autoModules = false; };
  manual = f: { pkgs, lib, ... }: {
    boot.kernelPackages = pkgs.linuxPackagesFor (pkgs.linuxManualConfig ({ version = "6.12.1"; src = tree; configfile = patches + "/manual.config"; } // f { inherit pkgs lib; }));
  };
  patch = more: { boot.kernelPatches = [ ({ name = "p"; patch = null; } // more) ]; };
  cross = crossSystem: args: {
    imports = [ (override (args // { autoModules = false; })) ];
    nixpkgs.crossSystem = crossSystem;
  };
in
{
  # How much is decided for the user.
  defaults = { module = override { }; has = [ "CONFIG_SECOND=m" "CONFIG_LIBRARY=m" "CONFIG_XFS_FS=m" ]; };
  auto-off = { module = plain; has = [ "!CONFIG_LIBRARY=m" ]; };
  auto-on = { module = override { autoModules = true; defconfig = "allnoconfig"; structuredExtraConfig = { MODULES = { tristate = "y"; }; }; }; has = [ "CONFIG_USER2=m" ]; };
  prefer-builtin = { module = override { preferBuiltin = true; }; has = [ "CONFIG_BUILTIN=y" ]; };
  prefer-builtin-off = { module = override { preferBuiltin = false; }; has = [ "CONFIG_BUILTIN=m" ]; };
  ignore-errors = { module = override { ignoreConfigErrors = true; structuredExtraConfig = { NO_SUCH = { tristate = "y"; }; NUMBER = { freeform = "99"; }; }; }; has = [ "CONFIG_NUMBER=8" ]; };
  ignore-errors-and-auto = { module = override { ignoreConfigErrors = true; autoModules = false; preferBuiltin = true; extraConfig = "NO_SUCH y\nUSER y\n"; }; has = [ "CONFIG_USER=y" ]; };
  common = { module = { pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackagesFor (pkgs.linux_debian.override (source // { ignoreConfigErrors = true; })); }; has = [ "CONFIG_MODULES=y" ]; };
  common-debian-testing = { module = { pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackagesFor (pkgs.linux_debian_testing.override { argsOverride = { version = "7.3.1"; modDirVersion = "7.3.1"; src = tree; ignoreConfigErrors = true; }; }); }; has = [ "CONFIG_MODULES=y" ]; };

  # The base.
  base-allnoconfig = { module = override { defconfig = "allnoconfig"; autoModules = false; }; has = [ "!CONFIG_MODULES=y" "!CONFIG_NET=y" ]; };
  base-allmodconfig = { module = override { defconfig = "allmodconfig"; autoModules = false; }; has = [ "CONFIG_XFS_FS=m" "CONFIG_USER=y" ]; };
  base-allyesconfig = { module = override { defconfig = "allyesconfig"; autoModules = false; }; has = [ "CONFIG_XFS_FS=y" ]; };
  base-alldefconfig = { module = override { defconfig = "alldefconfig"; autoModules = false; }; has = [ "!CONFIG_NET=y" ]; };
  base-named = { module = override { defconfig = "small_defconfig"; autoModules = false; }; has = [ "CONFIG_NUMBER=16" ]; };
  base-file = { module = override { defconfig = patches + "/manual.config"; autoModules = false; }; has = [ "CONFIG_NUMBER=24" ]; };
  base-made = { module = overrideWith ({ pkgs, ... }: { defconfig = "${pkgs.writeText "base" "CONFIG_NUMBER=48\nCONFIG_NET=y\n"}"; autoModules = false; }); has = [ "CONFIG_NUMBER=48" ]; };
  base-of-platform = { module = override { defconfig = null; autoModules = false; }; has = [ "CONFIG_MODULES=y" ]; };

  # Requests.
  structured = { module = overrideWith ({ lib, ... }: { structuredExtraConfig = with lib.kernel; { SPEED_250 = yes; XFS_FS = yes; SECOND = no; TEXT = freeform "two words"; ADDRESS = freeform "0x20"; NUMBER = freeform "12"; }; });
    has = [ "CONFIG_SPEED_250=y" "CONFIG_XFS_FS=y" "!CONFIG_SECOND=m" "CONFIG_TEXT=\"two words\"" "CONFIG_ADDRESS=0x20" "CONFIG_NUMBER=12" ]; };
  structured-optional = { module = overrideWith ({ lib, ... }: { structuredExtraConfig = with lib.kernel; { NO_SUCH = option yes; USER = option yes; XFS_FS = lib.mkForce unset; }; autoModules = false; }); has = [ "CONFIG_USER=y" ]; };
  structured-priorities = { module = overrideWith ({ lib, ... }: { structuredExtraConfig = with lib.kernel; { USER = lib.mkDefault no; SECOND = lib.mkMerge [ (lib.mkIf false yes) (lib.mkIf true no) ]; }; kernelPatches = [ { name = "wins"; patch = null; structuredExtraConfig.USER = lib.kernel.yes; } ]; }); has = [ "CONFIG_USER=y" "!CONFIG_SECOND=m" ]; };
  structured-names = { module = overrideWith ({ lib, ... }: { structuredExtraConfig = lib.genAttrs [ "USER" "EXPERT" ] (_: lib.kernel.yes) // { SPECIAL = lib.kernel.no; }; }); has = [ "CONFIG_EXPERT=y" "!CONFIG_SPECIAL=y" ]; };
  structured-when-version = { module = overrideWith ({ lib, ... }: { structuredExtraConfig = with lib.kernel; with whenHelpers "6.12.1"; { USER = whenAtLeast "6.10" yes; XFS_FS = lib.mkIf (lib.versionOlder "6.12.1" "6.0") no; }; }); has = [ "CONFIG_USER=y" "CONFIG_XFS_FS=m" ]; };
  extra-config = { module = override { extraConfig = "USER y\nNUMBER 20 # a comment\nTEXT \"with # in it\"\nNO_SUCH? y\n"; }; has = [ "CONFIG_USER=y" "CONFIG_NUMBER=20" "CONFIG_TEXT=\"with # in it\"" ]; };
  build-linux = { module = build { extraConfig = "XFS_FS y"; extraMeta.branch = "6.12"; }; has = [ "CONFIG_XFS_FS=y" "CONFIG_SECOND=m" ]; };
  build-linux-args-override = { module = { pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackagesFor (pkgs.callPackage ({ buildLinux, ... }@args: buildLinux (args // small // { version = "6.12.1"; src = tree; autoModules = false; kernelPatches = [ ]; } // (args.argsOverride or { }))) { argsOverride.extraConfig = "USER y"; }); }; has = [ "CONFIG_USER=y" "!CONFIG_LIBRARY=m" ]; };

  # kernelPatches.
  patches-extra-config = { module = with' plain (patch { extraConfig = "USER y"; }); has = [ "CONFIG_USER=y" "!CONFIG_XFS_FS=y" ]; };
  patches-structured = { module = with' plain ({ lib, ... }: patch { structuredExtraConfig = with lib.kernel; { USER = yes; NUMBER = freeform "10"; }; }); has = [ "CONFIG_NUMBER=10" ]; };
  patches-structured-old-name = { module = with' plain ({ lib, ... }: patch { extraStructuredConfig = with lib.kernel; { USER = yes; }; }); has = [ "CONFIG_USER=y" ]; };
  patches-forced = { module = with' (override { extraConfig = ""; structuredExtraConfig = { SECOND = { tristate = "y"; }; }; }) ({ lib, ... }: patch { structuredExtraConfig.SECOND = lib.mkForce lib.kernel.no; }); has = [ "!CONFIG_SECOND=m" "!CONFIG_SECOND=y" ]; };
  patches-several-modules = { module = with' (with' plain (patch { extraConfig = "USER y"; })) { imports = [ (patch { name = "q"; extraConfig = "EXPERT y"; }) ]; }; has = [ "CONFIG_USER=y" "CONFIG_EXPERT=y" ]; };
  patches-features = { module = with' plain { boot.kernelPatches = [ { name = "f"; patch = null; features.mine = true; } ]; boot.kernel.features.other = true; }; has = [ "CONFIG_MODULES=y" ]; };
  patch-adds-option = { module = with' plain (patch { patch = patches + "/adds.patch"; extraConfig = "PATCHED y"; }); has = [ "CONFIG_PATCHED=y" ]; };
  patch-in-override = { module = override { autoModules = false; kernelPatches = [ { name = "adds"; patch = patches + "/adds.patch"; extraConfig = "PATCHED y"; } ]; }; has = [ "CONFIG_PATCHED=y" ]; };
  patch-default = { module = with' plain (patch { patch = patches + "/default.patch"; }); has = [ "CONFIG_NUMBER=9" ]; };
  pre-patch = { module = build { autoModules = false; prePatch = "sed -i 's/default 8/default 30/' Kconfig"; }; has = [ "CONFIG_NUMBER=30" ]; };
  post-patch = { module = build { autoModules = false; postPatch = "printf 'config APPENDED\\n\\tdef_bool y\\n' >>Kconfig"; }; has = [ "CONFIG_APPENDED=y" ]; };
  override-attrs-patches = { module = { pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackagesFor ((pkgs.linux_debian.override (source // small)).overrideAttrs (old: { patches = (old.patches or [ ]) ++ [ (patches + "/default.patch") ]; })); }; has = [ "CONFIG_NUMBER=9" ]; };
  override-attrs-post-patch = { module = { pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackagesFor ((pkgs.linux_debian.override (source // small)).overrideAttrs (_: { postPatch = "sed -i 's/default 8/default 31/' Kconfig"; })); }; has = [ "CONFIG_NUMBER=31" ]; };
  randstruct-seed = { module = with' plain { boot.kernel.randstructSeed = "abc"; }; has = [ "CONFIG_MODULES=y" ]; };

  # Finished files.
  manual = { module = manual (_: { }); has = [ "CONFIG_NUMBER=24" "CONFIG_EXPERT=y" ]; manual = true; };
  manual-patched = { module = manual (_: { kernelPatches = [ { name = "adds"; patch = patches + "/default.patch"; } ]; }); has = [ "CONFIG_NUMBER=24" ]; manual = true; };
  manual-incomplete = { module = manual ({ pkgs, ... }: { configfile = pkgs.writeText "config" "CONFIG_NUMBER=99\nCONFIG_NO_SUCH=y\nCONFIG_USER=y\n"; }); has = [ "CONFIG_USER=y" "CONFIG_LIBRARY=y" "!CONFIG_NO_SUCH=y" ]; manual = true; };
  manual-of-another = { module = manual ({ pkgs, ... }: { configfile = (pkgs.linux_debian.override (source // small // { autoModules = false; extraConfig = "USER y"; })).configfile; postPatch = "sed -i 's/default 0x1000/default 0x2000/' Kconfig"; }); has = [ "CONFIG_USER=y" ]; manual = true; };
  manual-target = { module = manual ({ pkgs, ... }: { configfile = pkgs.linuxConfig { src = tree; version = "6.12.1"; makeTarget = "allmodconfig"; }; }); has = [ "CONFIG_XFS_FS=m" ]; manual = true; };
  custom = { module = { pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackages_custom { version = "6.12.1"; src = tree; configfile = patches + "/manual.config"; }; }; has = [ "CONFIG_NUMBER=24" ]; manual = true; };
  configfile-replaced = { module = { pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackagesFor ((pkgs.linux_debian.override (source // small)).overrideAttrs (_: { configfile = patches + "/manual.config"; })); }; has = [ "CONFIG_NUMBER=24" ]; manual = true; };

  # Where the kernel comes from.
  force = { module = with' (override { }) ({ lib, pkgs, ... }: { boot.kernelPackages = lib.mkForce (pkgs.linuxPackagesFor (pkgs.linux_debian.override (source // small // { autoModules = false; extraConfig = "USER y"; }))); }); has = [ "CONFIG_USER=y" "!CONFIG_USER2=m" ]; };
  overlay = { module = { pkgs, ... }: { nixpkgs.overlays = [ (final: previous: { linux_debian = previous.linux_debian.override (source // small // { extraConfig = "USER y"; }); }) ]; boot.kernelPackages = pkgs.linuxPackagesFor pkgs.linux_debian; }; has = [ "CONFIG_USER=y" "CONFIG_SECOND=m" ]; };
  overlay-packages = { module = { pkgs, ... }: { nixpkgs.overlays = [ (final: previous: { linuxPackages_mine = final.linuxPackagesFor (final.buildLinux ({ version = "6.12.1"; src = tree; autoModules = false; } // small)); }) ]; boot.kernelPackages = pkgs.linuxPackages_mine; }; has = [ "!CONFIG_LIBRARY=m" ]; };
  package-overrides = { module = { pkgs, ... }: { nixpkgs.config.packageOverrides = pkgs: { linux_debian = pkgs.linux_debian.override (source // small // { preferBuiltin = true; }); }; boot.kernelPackages = pkgs.linuxPackagesFor pkgs.linux_debian; }; has = [ "CONFIG_BUILTIN=y" ]; };
  set-extended = { module = { pkgs, ... }: { boot.kernelPackages = (pkgs.linuxPackagesFor (pkgs.linux_debian.override (source // small))).extend (_: previous: { kernel = previous.kernel.override { extraConfig = "EXPERT y"; }; }); }; has = [ "CONFIG_EXPERT=y" "CONFIG_SECOND=m" ]; };
  override-of-override = { module = { pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackagesFor ((pkgs.linux_debian.override (source // small // { extraConfig = "USER y"; })).override (old: { extraConfig = old.extraConfig + "\nEXPERT y"; autoModules = false; })); }; has = [ "CONFIG_EXPERT=y" ]; };
  realtime-like = { module = { pkgs, lib, ... }: { boot.kernelPackages = pkgs.linuxPackagesFor (pkgs.linux_debian.override (source // small // { ignoreConfigErrors = true; structuredExtraConfig = with lib.kernel; { EXPERT = yes; PREEMPT_RT = yes; PREEMPT = lib.mkForce no; }; })); }; has = [ "CONFIG_EXPERT=y" ]; };
  hardened-like = { module = { pkgs, lib, ... }: { boot.kernelPackages = pkgs.linuxPackagesFor (pkgs.linux_debian.override { isHardened = true; argsOverride = { version = "6.12.1"; src = tree; }; ignoreConfigErrors = true; structuredExtraConfig.EXPERT = lib.mkForce lib.kernel.yes; }); }; has = [ "CONFIG_EXPERT=y" ]; };
  profile-hardened = { module = { pkgs, lib, modulesPath, ... }@args: { imports = [ (modulesPath + "/profiles/hardened.nix") ]; boot.kernelPackages = lib.mkForce (override { } args).boot.kernelPackages; }; has = [ "CONFIG_SECOND=m" ]; };
  module-packages = { module = { config, pkgs, lib, ... }@args: { imports = [ (override { extraConfig = "USER y"; } args) ]; boot.extraModulePackages = [ (config.boot.kernelPackages.callPackage ({ stdenv, kernel }: stdenv.mkDerivation { name = "m-${kernel.version}"; src = kernel.src; }) { }) ]; }; has = [ "CONFIG_USER=y" ]; };
  required-config = { module = { config, ... }@args: { imports = [ (plain args) ]; system.requiredKernelConfig = with config.lib.kernelConfig; [ (isYes "MODULES") ]; }; has = [ "CONFIG_MODULES=y" ]; };
  conditional-module = { module = { lib, pkgs, config, ... }@args: { options.mine.enable = lib.mkEnableOption "mine"; config = lib.mkMerge [ { mine.enable = true; } (plain args) (lib.mkIf config.mine.enable (patch { extraConfig = "USER y"; })) ]; }; has = [ "CONFIG_USER=y" ]; };

  # Toolchains.
  cross-aarch64 = { module = cross { config = "aarch64-unknown-linux-gnu"; } { defconfig = "defconfig"; }; has = [ "CONFIG_CC_TARGET=\"aarch64-linux-gnu\"" "CONFIG_ARM_ONLY=y" ]; };
  cross-aarch64-auto = { module = { imports = [ (override { defconfig = "defconfig"; autoModules = true; }) ]; nixpkgs.crossSystem.config = "aarch64-unknown-linux-gnu"; }; has = [ "CONFIG_CC_TARGET=\"aarch64-linux-gnu\"" ]; };
  # As the kernel's build sees it: nothing else makes this .config.
  cross-manual = { module = { imports = [ (manual ({ pkgs, ... }: { configfile = pkgs.writeText "config" "CONFIG_NUMBER=24\nCONFIG_ARM_ONLY=y\n"; })) ]; nixpkgs.crossSystem.config = "aarch64-unknown-linux-gnu"; };
    has = [ "CONFIG_CC_TARGET=\"aarch64-linux-gnu\"" "CONFIG_ARM_ONLY=y" "CONFIG_NUMBER=24" ]; manual = true; cross = true; };
  compiler-flag = { module = override { extraMakeFlags = [ "CC=gcc -m32" ]; autoModules = false; }; has = [ "CONFIG_CC_ANSWERS=\"32\"" ]; };
  compiler-usual = { module = plain; has = [ "CONFIG_CC_ANSWERS=\"64\"" "CONFIG_LEAK=\"\"" ]; };
  environment-of-configfile = { module = { pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackagesFor ((pkgs.linux_debian.override (source // small)).overrideAttrs (old: { configfile = old.configfile.overrideAttrs (_: { KERNIX_TEST_LEAK = "asked"; }); })); }; has = [ "CONFIG_LEAK=\"asked\"" ]; };
}
