# SPDX-License-Identifier: GPL-2.0-or-later
# Platforms to compile for, ready for `crossSystem`.
{ lib }:

let
  inherit (lib.systems) platforms;
  linux = cpu: { config = "${cpu}-unknown-linux-gnu"; };
  musl = cpu: { config = "${cpu}-unknown-linux-musl"; };
  # Machines without an operating system.
  embedded = config: {
    inherit config;
    libc = "newlib";
  };
  windows = cpu: libc: {
    config = "${cpu}-w64-mingw32";
    inherit libc;
  };
  llvm = { useLLVM = true; };
in
rec {
  # Linux.
  gnu64 = linux "x86_64";
  gnu32 = linux "i686";
  musl64 = musl "x86_64";
  musl32 = musl "i686";
  aarch64-multiplatform = linux "aarch64";
  aarch64-multiplatform-musl = musl "aarch64";
  bluefield2 = linux "aarch64" // platforms.bluefield2;
  armv5tel-multiplatform = {
    config = "armv5tel-unknown-linux-gnueabi";
  }
  // platforms.armv5tel-multiplatform;
  armv7l-hf-multiplatform.config = "armv7l-unknown-linux-gnueabihf";
  raspberryPi = {
    config = "armv6l-unknown-linux-gnueabihf";
  }
  // platforms.raspberrypi;
  muslpi = raspberryPi // {
    config = "armv6l-unknown-linux-musleabihf";
  };
  remarkable1 = {
    config = "armv7l-unknown-linux-gnueabihf";
  }
  // platforms.zero-gravitas;
  remarkable2 = {
    config = "armv7l-unknown-linux-gnueabihf";
  }
  // platforms.zero-sugar;
  riscv64 = linux "riscv64";
  riscv64-musl = musl "riscv64";
  riscv32 = linux "riscv32";
  powernv = linux "powerpc64le";
  musl-power = musl "powerpc64le";
  ppc32 = linux "powerpc";
  ppc64 = ppc64-elfv2;
  ppc64-elfv1.config = "powerpc64-unknown-linux-gnuabielfv1";
  ppc64-elfv2.config = "powerpc64-unknown-linux-gnuabielfv2";
  ppc64-musl = musl "powerpc64" // {
    gcc.abi = "elfv2";
  };
  s390 = linux "s390";
  s390x = linux "s390x";
  m68k = linux "m68k";
  sh4 = linux "sh4";
  arc = linux "arc";
  loongarch64-linux = linux "loongarch64";
  loongarch64-linux-embedded = lib.recursiveUpdate (linux "loongarch64" // platforms.loongarch64-multiplatform) {
    gcc = {
      arch = "loongarch64";
      strict-align = true;
    };
  };
  ben-nanonote = {
    config = "mipsel-unknown-linux-uclibc";
  }
  // platforms.ben_nanonote;
  fuloongminipc = linux "mipsel" // platforms.fuloong2f_n32;
  mips-linux-gnu = linux "mips" // platforms.gcc_mips32r2_o32;
  mipsel-linux-gnu = linux "mipsel" // platforms.gcc_mips32r2_o32;
  mips64-linux-gnuabin32 = {
    config = "mips64-unknown-linux-gnuabin32";
  }
  // platforms.gcc_mips64r2_n32;
  mips64-linux-gnuabi64 = {
    config = "mips64-unknown-linux-gnuabi64";
  }
  // platforms.gcc_mips64r2_64;
  mips64el-linux-gnuabin32 = {
    config = "mips64el-unknown-linux-gnuabin32";
  }
  // platforms.gcc_mips64r2_n32;
  mips64el-linux-gnuabi64 = {
    config = "mips64el-unknown-linux-gnuabi64";
  }
  // platforms.gcc_mips64r2_64;

  # Android.
  aarch64-android = {
    config = "aarch64-unknown-linux-android";
    androidSdkVersion = "35";
    androidNdkVersion = "27";
    libc = "bionic";
    useAndroidPrebuilt = false;
  }
  // llvm;
  aarch64-android-prebuilt = {
    config = "aarch64-unknown-linux-android";
    rust.rustcTarget = "aarch64-linux-android";
    androidSdkVersion = "35";
    androidNdkVersion = "27";
    useAndroidPrebuilt = true;
  };
  armv7a-android-prebuilt = {
    config = "armv7a-unknown-linux-androideabi";
    rust.rustcTarget = "armv7-linux-androideabi";
    androidSdkVersion = "35";
    androidNdkVersion = "27";
    useAndroidPrebuilt = true;
  }
  // platforms.armv7a-android;

  # No operating system.
  aarch64-embedded = embedded "aarch64-none-elf";
  aarch64be-embedded = embedded "aarch64_be-none-elf";
  arm-embedded = embedded "arm-none-eabi";
  arm-embedded-nano = {
    config = "arm-none-eabi";
    libc = "newlib-nano";
  };
  armhf-embedded = embedded "arm-none-eabihf" // {
    # gcc knows no -march=armv6 with hard float here.
    gcc = {
      arch = "armv5t";
      fpu = "vfp";
    };
  };
  i686-embedded = embedded "i686-elf";
  x86_64-embedded = embedded "x86_64-elf";
  microblaze-embedded = embedded "microblazeel-none-elf";
  mips-embedded = embedded "mips-none-elf";
  mips64-embedded = embedded "mips64-none-elf";
  mmix = embedded "mmix-unknown-mmixware";
  msp430 = embedded "msp430-elf";
  or1k = embedded "or1k-elf";
  ppc-embedded = embedded "powerpc-none-eabi";
  ppcle-embedded = embedded "powerpcle-none-eabi";
  riscv32-embedded = embedded "riscv32-none-elf";
  riscv64-embedded = embedded "riscv64-none-elf";
  rx-embedded = embedded "rx-none-elf";
  vc4 = embedded "vc4-elf";
  avr.config = "avr";

  # Apple.
  aarch64-darwin = {
    config = "arm64-apple-darwin";
    xcodePlatform = "MacOSX";
    platform = { };
  };
  x86_64-darwin = {
    config = "x86_64-apple-darwin";
    xcodePlatform = "MacOSX";
    platform = { };
  };
  iphone64 = {
    config = "arm64-apple-ios";
    darwinSdkVersion = "14.3";
    xcodeVer = "12.3";
    xcodePlatform = "iPhoneOS";
    useiOSPrebuilt = true;
  };
  iphone64-simulator = {
    config = "x86_64-apple-ios";
    darwinSdkVersion = "14.3";
    xcodeVer = "12.3";
    xcodePlatform = "iPhoneSimulator";
    darwinPlatform = "ios-simulator";
    useiOSPrebuilt = true;
  };

  # Windows.
  mingw-msvcrt-i686 = windows "i686" "msvcrt";
  mingw-msvcrt-x86_64 = windows "x86_64" "msvcrt";
  mingw-ucrt-x86_64 = windows "x86_64" "ucrt";
  mingw-ucrt-x86_64-llvm = windows "x86_64" "ucrt" // llvm;
  mingw-ucrt-aarch64 = windows "aarch64" "ucrt" // llvm // {
    rust.rustcTarget = "aarch64-pc-windows-gnullvm";
  };
  mingw32 = mingw-msvcrt-i686;
  mingwW64 = mingw-msvcrt-x86_64;
  ucrt64 = mingw-ucrt-x86_64;
  ucrtAarch64 = mingw-ucrt-aarch64;
  x86_64-windows = {
    config = "x86_64-pc-windows-msvc";
  }
  // llvm;
  aarch64-windows = {
    config = "aarch64-pc-windows-msvc";
  }
  // llvm;
  x86_64-cygwin.config = "x86_64-pc-cygwin";
  x86_64-unknown-uefi = {
    config = "x86_64-unknown-uefi";
    libc = null;
  }
  // llvm;
  aarch64-unknown-uefi = {
    config = "aarch64-unknown-uefi";
    libc = null;
  }
  // llvm;

  # BSDs.
  x86_64-freebsd = {
    config = "x86_64-unknown-freebsd";
  }
  // llvm;
  aarch64-freebsd = {
    config = "aarch64-unknown-freebsd";
  }
  // llvm;
  x86_64-netbsd.config = "x86_64-unknown-netbsd";
  x86_64-netbsd-llvm = x86_64-netbsd // llvm;
  x86_64-openbsd = {
    config = "x86_64-unknown-openbsd";
  }
  // llvm;

  # Web.
  wasi32 = {
    config = "wasm32-unknown-wasi";
  }
  // llvm;
  wasm32-unknown-none = {
    config = "wasm32-unknown-none";
    libc = null;
    rust.rustcTarget = "wasm32-unknown-unknown";
  }
  // llvm;
  ghcjs.config = "javascript-unknown-ghcjs";
}
