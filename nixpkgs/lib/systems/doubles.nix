# SPDX-License-Identifier: GPL-2.0-or-later
# The names of systems that packages can be for, and lists of them by property (lib.platforms).
{ lib }:

let
  inherit (lib.systems) parse;
  inherit (lib.systems.inspect) predicates;

  # Each line: the kernel, then the processors.
  byKernel = [
    [ "cygwin" "x86_64" ]
    [ "darwin" "x86_64" "aarch64" ]
    [ "freebsd" "i686" "x86_64" "aarch64" ]
    [ "genode" "aarch64" "i686" "x86_64" ]
    [ "solaris" "x86_64" ]
    [ "ghcjs" "javascript" ]
    [
      "linux"
      "aarch64" "armv5tel" "armv6l" "armv7a" "armv7l" "i686" "loongarch64" "m68k" "microblaze" "microblazeel"
      "mips" "mips64" "mips64el" "mipsel" "powerpc" "powerpc64" "powerpc64le" "riscv32" "riscv64" "s390" "s390x"
      "sh4" "x86_64" "arc"
    ]
    [ "mmixware" "mmix" ]
    [
      "netbsd"
      "aarch64" "armv6l" "armv7a" "armv7l" "i686" "m68k" "mipsel" "powerpc" "riscv32" "riscv64" "x86_64"
    ]
    [
      "none"
      "aarch64_be" "aarch64" "arm" "armv6l" "avr" "i686" "microblaze" "microblazeel" "mips" "mips64" "msp430" "or1k"
      "m68k" "powerpc" "powerpcle" "riscv32" "riscv64" "rx" "s390" "s390x" "vc4" "wasm32" "x86_64"
    ]
    [ "openbsd" "i686" "x86_64" ]
    [ "redox" "x86_64" ]
    [ "wasi" "wasm64" "wasm32" ]
    [ "windows" "aarch64" "x86_64" "i686" ]
    [ "uefi" "aarch64" "x86_64" ]
  ];
  all = lib.concatMap (line: map (cpu: "${cpu}-${builtins.head line}") (builtins.tail line)) byKernel;

  parsed = map (double: {
    inherit double;
    system = parse.mkSystemFromString double;
  }) all;
  filterBy = pred: map (p: p.double) (builtins.filter (p: pred p.system) parsed);
  # What nearly all packages name is not worth parsing all of them.
  ofKernel = name: map (cpu: "${cpu}-${name}") (builtins.tail (lib.findFirst (line: builtins.head line == name) [ name ] byKernel));
  onCpu = name: filterBy (system: system.cpu.name == name);
in
{
  inherit all;

  aarch = filterBy predicates.isAarch;
  aarch64 = filterBy predicates.isAarch64;
  arc = filterBy predicates.isArc;
  arm = filterBy predicates.isAarch32;
  armv7 = filterBy predicates.isArmv7;
  bigEndian = filterBy predicates.isBigEndian;
  i686 = filterBy predicates.isi686;
  littleEndian = filterBy predicates.isLittleEndian;
  loongarch64 = filterBy predicates.isLoongArch64;
  m68k = filterBy predicates.isM68k;
  microblaze = filterBy predicates.isMicroBlaze;
  mips = filterBy predicates.isMips;
  mmix = filterBy predicates.isMmix;
  or1k = filterBy predicates.isOr1k;
  power = filterBy predicates.isPower;
  riscv = filterBy predicates.isRiscV;
  riscv32 = filterBy predicates.isRiscV32;
  riscv64 = filterBy predicates.isRiscV64;
  rx = filterBy predicates.isRx;
  s390 = filterBy predicates.isS390;
  s390x = filterBy predicates.isS390x;
  sh4 = onCpu "sh4";
  vc4 = filterBy predicates.isVc4;
  x86 = filterBy predicates.isx86;
  x86_64 = filterBy predicates.isx86_64;

  cygwin = filterBy predicates.isCygwin;
  darwin = filterBy predicates.isDarwin;
  freebsd = filterBy predicates.isFreeBSD;
  genode = filterBy predicates.isGenode;
  # Where GNU's C library can be had.
  gnu = filterBy (system: predicates.isLinux system);
  illumos = filterBy predicates.isSunOS;
  js = filterBy predicates.isGhcjs;
  linux = ofKernel "linux";
  netbsd = filterBy predicates.isNetBSD;
  openbsd = filterBy predicates.isOpenBSD;
  redox = filterBy predicates.isRedox;
  uefi = filterBy predicates.isUefi;
  unix = filterBy predicates.isUnix;
  wasi = filterBy predicates.isWasi;
  windows = filterBy predicates.isWindows;

  embedded = filterBy predicates.isNone;
  none = [ ];
}
