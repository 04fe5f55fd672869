# SPDX-License-Identifier: GPL-2.0-or-later
# What the kernel, U-Boot, qemu, UEFI, uname, rust, go and node call a platform's processor and system.
{ lib }:

let
  cpuOf = final: final.parsed.cpu.name;
  # The first name whose condition holds.
  choose =
    default: rows:
    let
      found = lib.findFirst builtins.head null rows;
    in
    if found == null then default else builtins.elemAt found 1;
  row = cond: name: [
    cond
    name
  ];
in
{
  linuxArch =
    final:
    choose (cpuOf final) [
      (row final.isAarch32 "arm")
      (row final.isAarch64 "arm64")
      (row final.isx86_32 "i386")
      (row final.isx86_64 "x86_64")
      (row final.isLoongArch64 "loongarch")
      (row final.isMicroBlaze "microblaze")
      (row final.isMips "mips")
      (row final.isPower "powerpc")
      (row final.isRiscV "riscv")
      (row final.isS390 "s390")
      (row final.isOr1k "openrisc")
      (row final.isSh4 "sh")
    ];

  ubootArch =
    final:
    choose (cpuOf final) [
      (row final.isx86_32 "x86")
      (row final.isx86_64 "x86_64")
      (row final.isAarch32 "arm")
      (row final.isAarch64 "arm64")
      (row final.isAlpha "alpha")
      (row final.isMips64 "mips64")
      (row final.isMips "mips")
      (row final.isPower "powerpc")
      (row final.isRiscV "riscv")
      (row final.isS390 "s390")
      (row final.isSparc64 "sparc64")
      (row final.isLoongArch64 "loongarch")
      (row final.isMicroBlaze "microblaze")
      (row final.isSh4 "sh")
    ];

  qemuArch =
    final:
    choose (cpuOf final) [
      (row final.isAarch32 "arm")
      (row final.isx86_32 "i386")
      # qemu has no machine of 31 bits.
      (row (final.isS390 && !final.isS390x) null)
      (row (final.isPower64 && final.isBigEndian) "ppc64")
      (row final.isPower64 "ppc64le")
      (row (final.isPower && final.isBigEndian) "ppc")
      (row final.isPower "ppcle")
      (row (final.isMips64n32 && final.isBigEndian) "mipsn32")
      (row final.isMips64n32 "mipsn32el")
      (row (cpuOf final == "arm64") "aarch64")
    ];

  efiArch =
    final:
    choose (cpuOf final) [
      (row final.isx86_32 "ia32")
      (row final.isx86_64 "x64")
      (row final.isAarch32 "arm")
      (row final.isAarch64 "aa64")
    ];

  darwinArch = final: if final.isAarch64 then "arm64" else cpuOf final;

  unameSystem =
    final:
    {
      linux = "Linux";
      windows = "Windows";
      cygwin = "CYGWIN_NT";
      darwin = "Darwin";
      ios = "Darwin";
      netbsd = "NetBSD";
      freebsd = "FreeBSD";
      openbsd = "OpenBSD";
      wasi = "Wasi";
      redox = "Redox";
      genode = "Genode";
      solaris = "SunOS";
    }
    .${final.parsed.kernel.name} or null;
  unameProcessor =
    final:
    choose (cpuOf final) [
      (row (final.isPower64 && final.isBigEndian) "ppc64")
      (row final.isPower64 "ppc64le")
      (row final.isPower "ppc")
      (row final.isMips64 "mips64")
      (row (final.isDarwin && final.isAarch64) "arm64")
    ];

  rust =
    final: given:
    let
      inherit (final.parsed)
        abi
        cpu
        kernel
        vendor
        ;
      cpuName =
        {
          armv7a = "armv7";
          armv7l = "armv7";
          armv6l = "arm";
          armv5tel = "armv5te";
          riscv32 = "riscv32gc";
          riscv64 = "riscv64gc";
        }
        .${cpu.name} or cpu.name;
      vendorName = if vendor.name == "w64" then "pc" else vendor.name;
      abiName =
        choose abi.name [
          (row (final.isMinGW && final.useLLVM) "gnullvm")
          (row (lib.hasPrefix "gnuabielf" abi.name) "gnu")
        ];
      triple =
        if final.isWasi then
          "${cpu.name}-wasip1"
        else if kernel.name == "none" && cpu.name == "aarch64" then
          "aarch64-unknown-none"
        else
          "${cpuName}-${vendorName}-${kernel.name}${lib.optionalString (abi.name != "unknown") "-${abiName}"}";
      self = rec {
        rustcTarget = given.rustcTarget or given.config or triple;
        # A target that rustc does not know comes as a file.
        rustcTargetSpec =
          given.rustcTargetSpec or (
            if given ? platform then
              builtins.toFile "${rustcTarget}.json" (builtins.toJSON given.platform)
            else
              rustcTarget
          );
        cargoShortTarget = lib.removeSuffix ".json" (baseNameOf (toString rustcTargetSpec));
        cargoEnvVarTarget = lib.replaceStrings [ "-" "." ] [ "_" "_" ] (lib.toUpper cargoShortTarget);
        isNoStdTarget = lib.any (t: lib.hasInfix t rustcTarget) [
          "-none"
          "nvptx"
          "switch"
          "-uefi"
        ];
        platform = {
          arch =
            given.platform.arch or (choose cpu.name [
              (row (final.isMips && final.isMips32) "mips")
              (row final.isMips64 "mips64")
              (row final.isAarch32 "arm")
              (row final.isx86_32 "x86")
              (row final.isPower64 "powerpc64")
            ]);
          os = given.platform.os or (if kernel.name == "darwin" then "macos" else kernel.name);
          target-family =
            given.platform.target-family or (
              lib.optional final.isUnix "unix" ++ lib.optional final.isWindows "windows" ++ lib.optional final.isWasi "wasm"
            );
          vendor = given.platform.vendor or vendorName;
        };
      };
    in
    given // self;

  go = final: {
    GOARCH =
      {
        aarch64 = "arm64";
        arm = "arm";
        armv5tel = "arm";
        armv6l = "arm";
        armv7a = "arm";
        armv7l = "arm";
        i686 = "386";
        loongarch64 = "loong64";
        mips = "mips";
        mips64el = "mips64le";
        mipsel = "mipsle";
        powerpc64 = "ppc64";
        powerpc64le = "ppc64le";
        wasm32 = "wasm";
        x86_64 = "amd64";
      }
      .${cpuOf final} or (cpuOf final);
    GOOS = if final.isWasi then "wasip1" else final.parsed.kernel.name;
    GOARM = if final.isAarch32 then toString (lib.min 7 (lib.toInt (final.parsed.cpu.version or "5"))) else "";
  };

  node = final: {
    platform =
      choose final.parsed.kernel.name [
        (row final.isWindows "win32")
        (row final.isSunOS "sunos")
      ];
    arch =
      choose (cpuOf final) [
        (row final.isAarch32 "arm")
        (row final.isAarch64 "arm64")
        (row final.isMips32 "mipsel")
        (row final.isPower64 "ppc64")
        (row final.isx86_64 "x64")
        (row final.isx86_32 "ia32")
      ];
  };
}
