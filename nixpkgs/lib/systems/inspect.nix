# SPDX-License-Identifier: GPL-2.0-or-later
# Questions about systems: isLinux, isAarch64 and the like, as patterns (sets, or lists of alternatives) and as
# predicates.
{ lib }:

let
  inherit (lib.systems.parse)
    abis
    cpuTypes
    execFormats
    kernelFamilies
    kernels
    significantBytes
    ;
  inherit (lib) matchAttrs toList;

  cpu = c: { cpu = c; };
  family = name: { cpu.family = name; };
  kernel = k: { kernel = k; };
  abi = a: { abi = a; };
in
rec {
  # Both must hold.
  patternLogicalAnd =
    a: b:
    let
      merge =
        x: y:
        lib.recursiveUpdateUntil (
          path: l: r:
          if builtins.isAttrs l && builtins.isAttrs r then
            false
          else if l == r then
            true
          else
            throw "pattern conflict at path ${lib.showAttrPath path}: ${lib.generators.toPretty { } l} and ${lib.generators.toPretty { } r}"
        ) x y;
      pairs = lib.concatMap (x: map (merge x) (toList b)) (toList a);
    in
    if builtins.isAttrs a && builtins.isAttrs b then builtins.head pairs else pairs;

  patterns = rec {
    # Processors.
    isi686 = cpu cpuTypes.i686;
    isx86_32 = {
      cpu = {
        family = "x86";
        bits = 32;
      };
    };
    isx86_64 = {
      cpu = {
        family = "x86";
        bits = 64;
      };
    };
    isPower = family "power";
    isPower64 = {
      cpu = {
        family = "power";
        bits = 64;
      };
    };
    isx86 = family "x86";
    isAarch32 = {
      cpu = {
        family = "arm";
        bits = 32;
      };
    };
    isArmv7 = map ({ arch, ... }: { cpu = { inherit arch; }; }) (
      builtins.attrValues (lib.filterAttrs (name: _: lib.hasPrefix "armv7" name) cpuTypes)
    );
    isAarch64 = {
      cpu = {
        family = "arm";
        bits = 64;
      };
    };
    isAarch = family "arm";
    isMicroBlaze = family "microblaze";
    isMips = family "mips";
    isMips32 = {
      cpu = {
        family = "mips";
        bits = 32;
      };
    };
    isMips64 = {
      cpu = {
        family = "mips";
        bits = 64;
      };
    };
    isMips64n32 = isMips64 // {
      abi.abi = "n32";
    };
    isMips64n64 = isMips64 // {
      abi.abi = "64";
    };
    isMmix = family "mmix";
    isRiscV = family "riscv";
    isRiscV32 = {
      cpu = {
        family = "riscv";
        bits = 32;
      };
    };
    isRiscV64 = {
      cpu = {
        family = "riscv";
        bits = 64;
      };
    };
    isRx = family "rx";
    isSparc = family "sparc";
    isSparc64 = {
      cpu = {
        family = "sparc";
        bits = 64;
      };
    };
    isWasm = family "wasm";
    isMsp430 = family "msp430";
    isVc4 = family "vc4";
    isAvr = family "avr";
    isAlpha = family "alpha";
    isOr1k = family "or1k";
    isM68k = family "m68k";
    isS390 = family "s390";
    isS390x = {
      cpu = {
        family = "s390";
        bits = 64;
      };
    };
    isLoongArch64 = {
      cpu = {
        family = "loongarch";
        bits = 64;
      };
    };
    isArc = family "arc";
    isSh4 = cpu cpuTypes.sh4;
    isJavaScript = cpu cpuTypes.javascript;

    is32bit.cpu.bits = 32;
    is64bit.cpu.bits = 64;
    isILP32 =
      [
        isMips64n32
      ]
      ++ map (a: isAarch64 // { abi = a; }) [
        abis.gnu_ilp32
      ]
      ++ [ (isx86_64 // { abi = abis.gnux32; }) ];
    isBigEndian.cpu.significantByte = significantBytes.bigEndian;
    isLittleEndian.cpu.significantByte = significantBytes.littleEndian;

    # Kernels.
    isBSD.kernel.families = { inherit (kernelFamilies) bsd; };
    isDarwin.kernel.families = { inherit (kernelFamilies) darwin; };
    isMacOS = kernel kernels.macos;
    isiOS = kernel kernels.ios;
    isLinux = kernel kernels.linux;
    isSunOS = kernel kernels.solaris;
    isFreeBSD.kernel.name = "freebsd";
    isNetBSD = kernel kernels.netbsd;
    isOpenBSD = kernel kernels.openbsd;
    isWindows = kernel kernels.windows;
    isCygwin = kernel kernels.cygwin;
    isMinGW = {
      kernel = kernels.windows;
      abi = abis.gnu;
    };
    isMsvc = [
      {
        kernel = kernels.windows;
        abi = abis.msvc;
      }
    ];
    isUefi = kernel kernels.uefi;
    isWasi = kernel kernels.wasi;
    isRedox = kernel kernels.redox;
    isGhcjs = kernel kernels.ghcjs;
    isGenode = kernel kernels.genode;
    isNone = kernel kernels.none;
    isUnix = [
      isBSD
      isDarwin
      isLinux
      isSunOS
      isCygwin
      isRedox
    ];

    # ABIs.
    isAndroid = [
      (abi abis.android)
      (abi abis.androideabi)
    ];
    isGnu = map abi [
      abis.gnuabi64
      abis.gnuabin32
      abis.gnu
      abis.gnueabi
      abis.gnueabihf
      abis.gnuabielfv1
      abis.gnuabielfv2
    ];
    isMusl = map abi [
      abis.musl
      abis.musleabi
      abis.musleabihf
      abis.muslabin32
      abis.muslabi64
    ];
    isUClibc = map abi [
      abis.uclibc
      abis.uclibceabi
      abis.uclibceabihf
    ];
    isLLVMLibc = [ (abi abis.llvm) ];
    isAbiElfv2 = [ { abi = { abi = "elfv2"; }; } ];

    isEfi = [
      {
        cpu.family = "arm";
        cpu.version = "6";
      }
      {
        cpu.family = "arm";
        cpu.version = "7";
      }
      {
        cpu.family = "arm";
        cpu.version = "8";
      }
      (family "riscv")
      (family "x86")
      (family "loongarch")
    ];
    isElf.kernel.execFormat = execFormats.elf;
    isMacho.kernel.execFormat = execFormats.macho;
  };

  # Patterns for a whole platform, of which the parsed name is a part.
  platformPatterns = builtins.mapAttrs (_: p: { parsed = { }; } // p) {
    isStatic = {
      isStatic = true;
    };
  };

  matchAnyAttrs =
    pattern:
    if builtins.isList pattern then
      system: lib.any (p: matchAttrs p system) pattern
    else
      matchAttrs pattern;
  predicates = builtins.mapAttrs (_: matchAnyAttrs) patterns;

  # Those of platformPatterns as predicates.
  platformPredicates = builtins.mapAttrs (_: matchAnyAttrs) platformPatterns;
}
