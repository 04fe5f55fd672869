# SPDX-License-Identifier: GPL-2.0-or-later
# Platforms: `elaborate` makes of a system's name, or of a few facts, all that packages ask about where they run:
# libc, linker, file name extensions, what the kernel, qemu, rust and go call it, and what it can execute.
{ lib }:

let
  inherit (builtins) isString mapAttrs removeAttrs;
  inherit (lib.systems) architectures inspect parse platforms;
  names = import ./names.nix { inherit lib; };

  libcOf =
    final:
    if final.isDarwin then
      "libSystem"
    else if final.isMsvc then
      "ucrt"
    else if final.isMinGW then
      "msvcrt"
    else if final.isCygwin then
      "cygwin"
    else if final.isWasi then
      "wasilibc"
    else if final.isRedox then
      "relibc"
    else if final.isMusl then
      "musl"
    else if final.isUClibc then
      "uclibc"
    else if final.isAndroid then
      "bionic"
    else if final.isLLVMLibc then
      "llvm"
    else if final.isLinux then
      "glibc"
    else if final.isFreeBSD then
      "fblibc"
    else if final.isOpenBSD then
      "oblibc"
    else if final.isNetBSD then
      "nblibc"
    else if final.isAvr then
      "avrlibc"
    else if final.isGhcjs || final.isWasm || final.isUefi then
      null
    else if final.isNone then
      "newlib"
    else
      "native/impure";

  extensionsOf =
    final:
    lib.optionalAttrs final.hasSharedLibraries {
      sharedLibrary =
        if final.isDarwin then
          ".dylib"
        else if final.isWindows || final.isCygwin then
          ".dll"
        else
          ".so";
    }
    // {
      staticLibrary = if final.isMsvc then ".lib" else ".a";
      library = if final.isStatic then final.extensions.staticLibrary else final.extensions.sharedLibrary;
      executable = if final.isWindows || final.isCygwin then ".exe" else "";
    };

  # What runs this platform's programs on another one that cannot do so itself.
  emulatorOf =
    pkgs: final:
    let
      wine = if final.is32bit then pkgs.wine or pkgs.winePackages.minimal else pkgs.wine64 or pkgs.wine64Packages.minimal;
    in
    if pkgs.stdenv.hostPlatform.canExecute final then
      lib.getExe (pkgs.execline or pkgs.coreutils)
    else if final.isWindows then
      "${wine}/bin/wine${lib.optionalString final.is64bit "64"}"
    else if final.isLinux && pkgs.stdenv.hostPlatform.isLinux && final.qemuArch != null then
      "${pkgs.qemu-user or pkgs.qemu}/bin/qemu-${final.qemuArch}"
    else if final.isWasi then
      "${pkgs.wasmtime}/bin/wasmtime"
    else if final.isMmix then
      "${pkgs.mmixware}/bin/mmix"
    else
      null;

  canExecute =
    final: platform:
    final.isAndroid == platform.isAndroid
    && parse.isCompatible final.parsed.cpu platform.parsed.cpu
    && final.parsed.kernel == platform.parsed.kernel
    && (
      # Of one processor, the other's code may be made for a newer model.
      final.parsed.cpu != platform.parsed.cpu
      || platform.gcc.arch or null == null
      || architectures.canExecute (final.gcc.arch or "default") platform.gcc.arch
      || platform.gcc == platforms.select platform
    );

  elaborated =
    final: allArgs: args:
    let
      selected = platforms.select final;
    in
    {
      system = parse.doubleFromSystem final.parsed;
      parsed = parse.mkSystemFromString (args.config or allArgs.system);
      config = parse.tripleFromSystem final.parsed;

      libc = libcOf final;
      linker =
        if final.useLLVM then
          "lld"
        else if final.isDarwin then
          "cctools"
        else
          "bfd";
      useLLVM = final.isFreeBSD || final.isOpenBSD || final.isMsvc || final.isUefi;
      useAndroidPrebuilt = false;
      useiOSPrebuilt = false;
      isStatic = final.isWasi || final.isRedox;
      hasSharedLibraries =
        (
          final.isAndroid
          || final.isGnu
          || final.isMusl
          || final.isUClibc
          || final.isDarwin
          || final.isSunOS
          || final.isBSD
          || final.isWindows
          || final.isCygwin
        )
        && !final.isStatic;
      extensions = extensionsOf final;
      gcc = selected.gcc or { };
      linux-kernel = selected.linux-kernel or { };

      uname = {
        system = names.unameSystem final;
        processor = names.unameProcessor final;
        # Only a running system knows.
        release = null;
      };
      linuxArch = names.linuxArch final;
      ubootArch = names.ubootArch final;
      qemuArch = names.qemuArch final;
      efiArch = names.efiArch final;
      rust = names.rust final (args.rust or { });
      go = names.go final;
      node = names.node final;

      darwinArch = names.darwinArch final;
      darwinPlatform = if final.isMacOS then "macos" else if final.isiOS then "ios" else null;
      darwinSdkVersion = "14.4";
      darwinMinVersion = "14.0";
      darwinMinVersionVariable =
        if final.isMacOS then
          "MACOSX_DEPLOYMENT_TARGET"
        else if final.isiOS then
          "IPHONEOS_DEPLOYMENT_TARGET"
        else
          null;

      # Functions of other platforms and package sets.
      canExecute = canExecute final;
      isCompatible = _: throw "platform.isCompatible is gone; use platform.canExecute, which tells whether programs run";
      emulatorAvailable = pkgs: emulatorOf pkgs final != null;
      staticEmulatorAvailable = pkgs: emulatorOf pkgs final != null && final.isLinux;
      emulator =
        pkgs:
        let
          found = emulatorOf pkgs final;
        in
        if found != null then
          found
        else
          throw "Don't know how to run ${final.config} executables.";
      # Compatibility with code that interpolates platforms.
      __toString = self: self.config;
    };
in
rec {
  parse = import ./parse.nix { inherit lib; };
  inspect = import ./inspect.nix { inherit lib; };
  platforms = import ./platforms.nix { inherit lib; };
  examples = import ./examples.nix { inherit lib; };
  architectures = import ./architectures.nix { inherit lib; };
  doubles = import ./doubles.nix { inherit lib; };

  # What flakes in the wild are made for, roughly in the order of use.
  flakeExposed = [
    "x86_64-linux"
    "aarch64-linux"
    "x86_64-darwin"
    "armv6l-linux"
    "armv7l-linux"
    "i686-linux"
    "aarch64-darwin"
    "powerpc64le-linux"
    "riscv64-linux"
    "x86_64-freebsd"
  ];

  systemToAttrs = systemOrArgs: if isString systemOrArgs then { system = systemOrArgs; } else systemOrArgs;

  # A platform of "x86_64-linux", of { config = "aarch64-unknown-linux-gnu"; ... }, or of a platform with changes.
  elaborate =
    systemOrArgs:
    let
      allArgs = systemToAttrs systemOrArgs;
      # They follow from `config`, so those of a changed platform must not stay.
      args = removeAttrs allArgs [
        "parsed"
        "system"
      ];
      rust = lib.optionalAttrs (args ? rust) {
        rust = names.rust final args.rust;
      };
      final =
        elaborated final allArgs args
        // mapAttrs (_: pred: pred final.parsed) inspect.predicates
        // mapAttrs (_: pred: pred (final.gcc.arch or "default")) architectures.predicates
        // args
        // rust;
    in
    # A name that makes no sense fails here, not at some later question.
    builtins.seq (builtins.deepSeq (mapAttrs (_: part: part.name) {
      inherit (final.parsed) cpu vendor kernel abi;
    }) null) final;

  # Platforms have functions, which never are equal.
  functionNames = builtins.attrNames (lib.filterAttrs (_: lib.isFunction) (elaborated (elaborate "x86_64-linux") { } { config = "x86_64-unknown-linux-gnu"; }));
  equals =
    let
      facts = a: removeAttrs a functionNames;
    in
    a: b: facts a == facts b;
}
