# SPDX-License-Identifier: GPL-2.0-or-later
# The parts of system names: processors, vendors, kernels, ABIs, and what is known of each. parse.nix makes systems
# of them, whose parts compare as equal because they are these values.
{ }:

let
  named = builtins.mapAttrs (name: v: { inherit name; } // v);
  mark = type: builtins.mapAttrs (_: v: v // { _type = type; });

  bigEndian = {
    name = "bigEndian";
    _type = "significant-byte";
  };
  littleEndian = {
    name = "littleEndian";
    _type = "significant-byte";
  };

  cpu =
    family: bits: significantByte: more:
    {
      inherit bits family significantByte;
    }
    // more;
  le = family: bits: cpu family bits littleEndian { };
  be = family: bits: cpu family bits bigEndian { };
  arm = version: arch: cpu "arm" 32 littleEndian { inherit version arch; };
  arm64 = order: cpu "arm" 64 order { version = "8"; arch = "armv8-a"; };
  x86 = arch: cpu "x86" 32 littleEndian { inherit arch; };
in
rec {
  significantBytes = { inherit bigEndian littleEndian; };

  cpuTypes = mark "cpu-type" (named {
    arm = cpu "arm" 32 littleEndian { };
    armv5tel = arm "5" "armv5t";
    armv6m = arm "6" "armv6-m";
    armv6l = arm "6" "armv6";
    armv7a = arm "7" "armv7-a";
    armv7r = arm "7" "armv7-r";
    armv7m = arm "7" "armv7-m";
    armv7l = arm "7" "armv7";
    armv8a = cpu "arm" 32 littleEndian { version = "8"; arch = "armv8-a"; };
    armv8r = cpu "arm" 32 littleEndian { version = "8"; arch = "armv8-a"; };
    armv8m = cpu "arm" 32 littleEndian { version = "8"; arch = "armv8-m"; };
    aarch64 = arm64 littleEndian;
    aarch64_be = arm64 bigEndian;

    i386 = x86 "i386";
    i486 = x86 "i486";
    i586 = x86 "i586";
    i686 = x86 "i686";
    x86_64 = cpu "x86" 64 littleEndian { arch = "x86-64"; };

    microblaze = be "microblaze" 32;
    microblazeel = le "microblaze" 32;
    mips = be "mips" 32;
    mipsel = le "mips" 32;
    mips64 = be "mips" 64;
    mips64el = le "mips" 64;
    mmix = be "mmix" 64;
    m68k = be "m68k" 32;
    powerpc = be "power" 32;
    powerpc64 = be "power" 64;
    powerpc64le = le "power" 64;
    powerpcle = le "power" 32;
    riscv32 = le "riscv" 32;
    riscv64 = le "riscv" 64;
    s390 = be "s390" 32;
    s390x = be "s390" 64;
    sparc = be "sparc" 32;
    sparc64 = be "sparc" 64;
    wasm32 = le "wasm" 32;
    wasm64 = le "wasm" 64;
    alpha = le "alpha" 64;
    arc = le "arc" 32;
    rx = le "rx" 32;
    msp430 = le "msp430" 16;
    avr = { family = "avr"; bits = 8; };
    vc4 = le "vc4" 32;
    or1k = be "or1k" 32;
    sh4 = le "sh" 32;
    loongarch64 = le "loongarch" 64;
    javascript = le "javascript" 32;
  });

  # What runs the code of each processor without emulation, one step; isCompatible follows them.
  successors = {
    i386 = [ "i486" ];
    i486 = [ "i586" ];
    i586 = [ "i686" ];
    i686 = [ "x86_64" ];
    arm = [ "armv5tel" ];
    armv5tel = [ "armv6m" ];
    armv6m = [ "armv6l" ];
    armv6l = [
      "armv7a"
      "armv7l"
    ];
    armv7a = [
      "armv7r"
      "armv7l"
      "armv8a"
    ];
    armv7l = [ "armv7a" ];
    armv7r = [ "armv8r" ];
    armv7m = [ "armv8m" ];
    powerpc = [ "powerpc64" ];
    powerpcle = [ "powerpc64le" ];
    mips = [ "mips64" ];
    mipsel = [ "mips64el" ];
    riscv32 = [ "riscv64" ];
    sparc = [ "sparc64" ];
    s390 = [ "s390x" ];
    wasm32 = [ "wasm64" ];
  };

  vendors = mark "vendor" (named {
    apple = { };
    pc = { };
    knuth = { };
    # Actually what mingw-w64 calls itself.
    w64 = { };
    none = { };
    unknown = { };
  });

  execFormats = mark "exec-format" (named {
    aout = { };
    elf = { };
    macho = { };
    pe = { };
    wasm = { };
    unknown = { };
  });

  kernelFamilies = mark "kernel-family" (named {
    bsd = { };
    darwin = { };
  });

  kernels =
    let
      inherit (execFormats)
        elf
        macho
        pe
        wasm
        unknown
        ;
      inherit (kernelFamilies) bsd darwin;
      kernel = execFormat: families: { inherit execFormat families; };
      all = mark "kernel" (named {
        macos = kernel macho { inherit darwin; } // { name = "darwin"; };
        ios = kernel macho { inherit darwin; };
        freebsd = kernel elf { inherit bsd; };
        netbsd = kernel elf { inherit bsd; };
        openbsd = kernel elf { inherit bsd; };
        linux = kernel elf { };
        solaris = kernel elf { };
        none = kernel unknown { };
        wasi = kernel wasm { };
        redox = kernel elf { };
        windows = kernel pe { };
        cygwin = kernel pe { };
        uefi = kernel pe { };
        ghcjs = kernel unknown { };
        genode = kernel elf { };
        mmixware = kernel unknown { };
      });
    in
    all
    // {
      darwin = all.macos;
      watchos = all.ios;
      tvos = all.ios;
      win32 = all.windows;
    };

  abis = mark "abi" (named {
    msvc = { };
    # For ARM there are many, by float and version.
    eabi = { float = "soft"; };
    eabihf = { float = "hard"; };
    # Other embedded systems.
    elf = { };
    androideabi = { };
    android = { };
    gnueabi = { float = "soft"; };
    gnueabihf = { float = "hard"; };
    gnu = { };
    gnuabi64 = { abi = "64"; };
    muslabi64 = { abi = "64"; };
    # Registers of 64 bits, pointers of 32.
    gnuabin32 = { abi = "n32"; };
    muslabin32 = { abi = "n32"; };
    gnuabielfv2 = { abi = "elfv2"; };
    gnuabielfv1 = { abi = "elfv1"; };
    gnu_ilp32 = { };
    gnux32 = { };
    gnusf = { };
    musleabi = { float = "soft"; };
    musleabihf = { float = "hard"; };
    musl = { };
    uclibceabi = { float = "soft"; };
    uclibceabihf = { float = "hard"; };
    uclibc = { };
    llvm = { };
    cygnus = { };
    unknown = { };
  });
}
