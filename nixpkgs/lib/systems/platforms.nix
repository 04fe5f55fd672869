# SPDX-License-Identifier: GPL-2.0-or-later
# Boards and families of machines: how gcc makes code for them, and how the kernel is made (`linux-kernel`): the
# defconfig to start from, the image to make, device trees, whether drivers become modules by themselves.
{ lib }:

let
  kernel =
    name: baseConfig: target: more:
    {
      linux-kernel = {
        inherit name baseConfig target;
        autoModules = true;
      }
      // more;
    };
  modern = {
    DTB = true;
    preferBuiltin = true;
  };
  bare = name: { linux-kernel = { inherit name; }; };
  gcc = options: { gcc = options; };
  loadAddress = address: [ "LOADADDR=${address}" ];
  manual = {
    autoModules = false;
  };
  mips = abi: arch: gcc { inherit abi arch; };
in
rec {
  # x86.
  pc = kernel "pc" "defconfig" "bzImage" { };
  pc_simplekernel = lib.recursiveUpdate pc { linux-kernel.autoModules = false; };

  # Power.
  powernv = kernel "PowerNV" "powernv_defconfig" "vmlinux" { };
  ppc64 = kernel "powerpc64" "ppc64_defconfig" "vmlinux" { };

  # ARM.
  pogoplug4 =
    kernel "pogoplug4" "multi_v5_defconfig" "uImage" (manual // { makeFlags = loadAddress "0x8000"; })
    // gcc { arch = "armv5te"; };
  sheevaplug =
    kernel "sheevaplug" "multi_v5_defconfig" "uImage" (
      manual
      // {
        DTB = true;
        makeFlags = loadAddress "0x0200000";
      }
    )
    // gcc { arch = "armv5te"; };
  guruplug = lib.recursiveUpdate sheevaplug { linux-kernel.baseConfig = "guruplug_defconfig"; };
  armv5tel-multiplatform =
    kernel "armv5tel-multiplatform" "multi_v5_defconfig" "zImage" modern // gcc { arch = "armv5te"; };
  raspberrypi =
    kernel "raspberrypi" "bcm2835_defconfig" "zImage" modern
    // gcc {
      arch = "armv6kz";
      fpu = "vfpv2";
    };
  raspberrypi2 = armv7l-hf-multiplatform;
  zero-gravitas =
    kernel "zero-gravitas" "zero-gravitas_defconfig" "zImage" (manual // { DTB = true; })
    // gcc {
      cpu = "cortex-a9";
      fpu = "neon";
    };
  zero-sugar =
    kernel "zero-sugar" "zero-sugar_defconfig" "zImage" (manual // modern)
    // gcc {
      cpu = "cortex-a7";
      fpu = "neon-vfpv4";
      float-abi = "hard";
    };
  utilite =
    kernel "utilite" "multi_v7_defconfig" "uImage" (
      manual
      // {
        DTB = true;
        makeFlags = loadAddress "0x10800000";
      }
    )
    // gcc {
      cpu = "cortex-a9";
      fpu = "neon";
    };
  armv7a-android =
    bare "armeabi-v7a"
    // gcc {
      arch = "armv7-a";
      float-abi = "softfp";
      fpu = "vfpv3-d16";
    };
  armv7l-hf-multiplatform =
    kernel "armv7l-hf-multiplatform" "defconfig" "zImage" modern
    // gcc {
      arch = "armv7-a";
      fpu = "vfpv3-d16";
    };
  beaglebone = lib.recursiveUpdate armv7l-hf-multiplatform {
    linux-kernel = {
      name = "beaglebone";
      baseConfig = "bb.org_defconfig";
      autoModules = false;
    };
  };
  aarch64-multiplatform =
    kernel "aarch64-multiplatform" "defconfig" "Image" modern // gcc { arch = "armv8-a"; };
  apple-m1 = gcc {
    arch = "armv8.3-a+crypto+sha2+aes+crc+fp16+lse+simd+ras+rdm+rcpc";
    cpu = "apple-a13";
  };
  bluefield2 = gcc { arch = "armv8-a+fp+simd+crc+crypto"; };

  # MIPS.
  ben_nanonote =
    bare "ben_nanonote"
    // gcc {
      arch = "mips32";
      float = "soft";
    };
  fuloong2f_n32 =
    kernel "fuloong2f_n32" "lemote2f_defconfig" "vmlinux" manual
    // gcc {
      arch = "loongson2f";
      float = "hard";
      abi = "n32";
    };
  mips64el-qemu-linux-gnuabi64 = kernel "mips64el" "64r2el_defconfig" "vmlinuz" (manual // { DTB = true; });
  gcc_mips32r2_o32 = mips "32" "mips32r2";
  gcc_mips32r6_o32 = mips "32" "mips32r6";
  gcc_mips64r2_n32 = mips "n32" "mips64r2";
  gcc_mips64r6_n32 = mips "n32" "mips64r6";
  gcc_mips64r2_64 = mips "64" "mips64r2";
  gcc_mips64r6_64 = mips "64" "mips64r6";

  # Others.
  riscv-multiplatform = kernel "riscv-multiplatform" "defconfig" "Image" modern;
  loongarch64-multiplatform =
    kernel "loongarch-multiplatform" "defconfig" "vmlinuz.efi" modern
    // gcc {
      # -march=loongarch64 of gcc 13 and before.
      arch = "la64v1.0";
      strict-align = false;
      cmodel = "medium";
    };

  # The platform of a system that names none.
  select =
    platform:
    let
      inherit (platform) parsed;
      version = parsed.cpu.version or null;
    in
    if platform.isx86 then
      pc
    else if platform.isAarch32 then
      if version == null then
        pc
      else if lib.versionOlder version "6" then
        sheevaplug
      else if lib.versionOlder version "7" then
        raspberrypi
      else
        armv7l-hf-multiplatform
    else if platform.isAarch64 then
      if platform.isDarwin then apple-m1 else aarch64-multiplatform
    else if platform.isLoongArch64 then
      loongarch64-multiplatform
    else if platform.isRiscV then
      riscv-multiplatform
    else if parsed.cpu.name == "mipsel" then
      gcc_mips32r2_o32
    else if parsed.cpu.name == "powerpc64le" then
      powernv
    else if parsed.cpu.name == "powerpc64" then
      ppc64
    else if platform.isSh4 or (parsed.cpu.name == "sh4") then
      {
        linux-kernel = {
          target = "vmlinux";
          # The kernel's own install rule knows no vmlinux.
          installTarget = "vmlinux";
        };
      }
    else
      { };
}
