# SPDX-License-Identifier: GPL-2.0-or-later
# The derivation that compiles a kernel, used by buildLinux and linuxManualConfig. Source tree and .config are
# derivations of their own, made from the final attributes, so `overrideAttrs` with other patches reaches them too.
#
# Outputs: out (image, System.map, config), modules (lib/modules/V), dev (lib/modules/V/build and source, vmlinux).
{ lib, pkgs, linuxSource }:
{ pname, version, modDirVersion, src, kernelPatches, extraMakeFlags, randstructSeed, stdenv, extraMeta, features
, configOf, extraPassthru, config ? null, buildDTBs ? null, prePatch ? "", postPatch ? "", isManual ? false }:
let
  inherit (stdenv) hostPlatform;
  platform = hostPlatform.linux-kernel or { };
  arch = hostPlatform.linuxArch or "x86_64";
  srcArch = { i386 = "x86"; x86_64 = "x86"; sparc32 = "sparc"; sparc64 = "sparc"; parisc64 = "parisc"; sh64 = "sh"; }.${arch} or arch;
  imageOf = { x86 = "bzImage"; arm64 = "Image"; arm = "zImage"; riscv = "Image"; loongarch = "vmlinuz.efi"; s390 = "bzImage"; powerpc = "vmlinux"; };
  target = platform.target or (imageOf.${srcArch} or "vmlinux");

  isCross = hostPlatform.config != stdenv.buildPlatform.config;
  cc = stdenv.cc;
  wantDtbs = if buildDTBs != null then buildDTBs else platform.DTB or false;
  isLlvm = cc.isClang && cc.hasLld;
  env = stdenv.environment;

  # What chooses the toolchain, for kbuild and (as variables) for Kconfig's own tests of the compiler.
  toolFlags =
    if isLlvm then [ "LLVM=${cc.suffix}" ]
    else if cc.isClang then [ "CC=${env.CC}" "HOSTCC=gcc" ]
    else lib.optionals (cc.suffix != "") [ "CC=${env.CC}" "HOSTCC=${env.CC}" ];
  given =
    (if isLlvm then lib.mapAttrs (_: tool: tool + cc.suffix)
      { CC = "clang"; LD = "ld.lld"; AR = "llvm-ar"; NM = "llvm-nm"; OBJCOPY = "llvm-objcopy"; OBJDUMP = "llvm-objdump"; READELF = "llvm-readelf"; STRIP = "llvm-strip"; HOSTCC = "clang"; HOSTCXX = "clang++"; }
      // { LLVM = cc.suffix; }
    else builtins.intersectAttrs { CC = 0; LD = 0; AR = 0; NM = 0; OBJCOPY = 0; OBJDUMP = 0; READELF = 0; STRIP = 0; } env
      // { HOSTCC = if isCross || cc.isClang then "gcc" else env.CC; HOSTCXX = "g++"; })
    // lib.optionalAttrs isCross { CROSS_COMPILE = cc.targetPrefix; };
  # A tool that make is told of, as in extraMakeFlags = [ "LLVM=1" ], is Kconfig's, too; of several the last counts. What
  # builtins.match returns has no context: the value is cut out of the flag, so that a compiler of the store is an input.
  told = builtins.listToAttrs (lib.concatMap
    (flag: let parts = builtins.match "(CC|LD|AR|NM|OBJCOPY|OBJDUMP|READELF|STRIP|HOSTCC|HOSTCXX|RUSTC|BINDGEN|PAHOLE|LLVM|LLVM_IAS|CROSS_COMPILE)=.*" flag;
      in lib.optional (parts != null) (lib.nameValuePair (builtins.head parts) (lib.removePrefix "${builtins.head parts}=" flag)))
    (lib.reverseList ((platform.makeFlags or [ ]) ++ extraMakeFlags)));
  tools = (if told ? LLVM then { } else given) // told;
  toolPath = lib.makeBinPath (lib.optional isCross cc);
  commonMakeFlags = [ "ARCH=${arch}" ] ++ lib.optional isCross "CROSS_COMPILE=${cc.targetPrefix}" ++ toolFlags
    ++ (platform.makeFlags or [ ]) ++ extraMakeFlags;

  readConfig = import ./read-config.nix { inherit lib; };
  buildTools = with pkgs.buildPackages; [ bc bison flex perl elfutils openssl kmod zstd cpio ];

  # Arguments of the kernel's function that people give to overrideAttrs, where they come too late.
  kernelArguments = [ "structuredExtraConfig" "extraConfig" "kernelPatches" "ignoreConfigErrors" "autoModules" "preferBuiltin" "enableCommonConfig" "defconfig" "argsOverride" "extraMakeFlags" "features" ];
  sayLate = final: value:
    let late = builtins.filter (name: final ? ${name}) kernelArguments;
    in lib.warnIf (late != [ ]) "${pname}-${version}: ${lib.concatStringsSep ", " late} in overrideAttrs has no effect: it is an argument of the kernel; write kernel.override { ${builtins.head late} = ...; }" value;
  # The .config that this kernel is compiled with, as the derivation that makes it: `kernix config` reads its arguments and
  # nothing else. A finished file goes through the tree's olddefconfig when the kernel is built, so it is a base here.
  builtConfig = { tree, configfile, ... }:
    if !isManual && configfile.builder or null == "builtin:kconfig" && "${configfile.src}" == "${tree}" then configfile
    else pkgs.makeKernelConfig {
      inherit version tree arch tools toolPath;
      inherit (stdenv) toolchain buildRoot;
      base = configfile;
      requests = [ ];
      autoModules = false;
      preferBuiltin = false;
      ignoreConfigErrors = false;
    };
  patchFiles = builtins.filter (patch: patch != null) (map (patch: patch.patch or null) kernelPatches);
in
assert lib.assertMsg (builtins.isString version) "buildLinux: `version` must be a string";
stdenv.mkDerivation (final: {
  inherit pname version src prePatch postPatch;
  patches = patchFiles;
  outputs = [ "out" "dev" "modules" ];

  tree = sayLate final (linuxSource {
    inherit (final) version src patches prePatch postPatch;
    inherit randstructSeed;
  });
  configfile = configOf {
    inherit (final) tree;
    inherit arch tools toolPath;
  };

  inherit modDirVersion srcArch;
  # kernix shows the source at a fixed place, and may begin with the objects of an earlier build that differs in nothing
  # but these; others pass it over.
  keepObjects = "o tree configfile name pname version modDirVersion src patches prePatch postPatch";
  kernelTarget = target;
  wantDeviceTrees = if wantDtbs then "1" else "";
  makeFlags = commonMakeFlags;
  postHook = "source ${./kernel-phases.sh}";
  phases = "configurePhase buildPhase installPhase";

  # The same user, host and time in every build, so that the same kernel comes out.
  KBUILD_BUILD_USER = "kernix";
  KBUILD_BUILD_HOST = "kernix";
  KBUILD_BUILD_VERSION = "1-kernix";
  KBUILD_BUILD_TIMESTAMP = "Tue Jan  1 00:00:00 UTC 1980";

  nativeBuildInputs = buildTools;
  enableParallelBuilding = true;
  requiredSystemFeatures = [ ];
  hardeningDisable = [ "bindnow" "format" "fortify" "stackprotector" "pic" "pie" ];

  passthru = {
    inherit modDirVersion kernelPatches features stdenv commonMakeFlags target extraMakeFlags randstructSeed;
    buildDTBs = wantDtbs;
    notForTheBuilder = kernelArguments;
    kernelArch = arch;
    # A shell for make menuconfig and make nconfig: nix-shell -A linux.configEnv
    configEnv = final.finalPackage.overrideAttrs (old: {
      nativeBuildInputs = (old.nativeBuildInputs or [ ]) ++ (with pkgs.buildPackages; [ pkg-config ncurses ]);
    });
    inherit (final) configfile;
    builtConfig = builtConfig final;
    moduleMakeFlags = commonMakeFlags ++ [ "KBUILD_OUTPUT=${final.finalPackage.dev}/lib/modules/${modDirVersion}/build" ];
    config = if config != null then readConfig.withQueries config else readConfig.fromFile final.configfile;
    isModular = true;
    tests = { };
    baseVersion = lib.head (lib.splitString "-rc" version);
    kernelOlder = lib.versionOlder version;
    kernelAtLeast = lib.versionAtLeast version;
    moduleBuildDependencies = (with pkgs.buildPackages; [ pahole perl elfutils kmod zstd ]) ++ lib.optional isCross cc;
    buildOrder = [ "tree" "configfile" ];
    isLibre = false; isZen = false; isHardened = false; isLTS = false; isXen = true;
  } // extraPassthru;

  meta = {
    description = "The Linux kernel";
    homepage = "https://www.kernel.org/";
    # As in lib.licenses, without reading that whole table for every evaluation.
    license = { shortName = "gpl2Only"; spdxId = "GPL-2.0-only"; fullName = "GNU General Public License v2.0 only"; free = true; };
    platforms = lib.platforms.linux or [ ];
    # So that nobody makes that list to look into it.
    onAnyLinux = !(extraMeta ? platforms);
  } // extraMeta;
})
