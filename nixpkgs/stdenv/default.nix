# SPDX-License-Identifier: GPL-2.0-or-later
# The standard environments, a layer of the package set: stdenv (gcc, for the set's target), stdenvNoCC, the gccNStdenv
# and clangNStdenv, and their compilers as packages. They stand on a build root (build-root.nix, config.kernix.buildRoot)
# or on the host's toolchain (toolchain.nix); a version that there is not is replaced by the nearest that there is, with a
# warning.
{ lib, buildPlatform, hostPlatform, isCross, config }:
let
  toolchain = import ./toolchain.nix { inherit (buildPlatform) system; };
  pinned = import ./build-root.nix { inherit lib; inherit (buildPlatform) system; setting = config.kernix.buildRoot or null; };
  scripts = builtins.path { name = "kernix-stdenv"; path = ./scripts; };

  # Debian's name of the target in its cross compilers: no vendor, its own word for 32-bit ARM, always glibc's.
  debianTriple =
    let
      cpu =
        if lib.hasPrefix "armv" hostPlatform.parsed.cpu.name then "arm"
        else if lib.hasPrefix "mips64" hostPlatform.parsed.cpu.name then hostPlatform.parsed.cpu.name
        else hostPlatform.parsed.cpu.name;
      abi =
        if cpu == "arm" then (if hostPlatform.parsed.cpu.name == "armv5tel" then "gnueabi" else "gnueabihf")
        else if lib.hasPrefix "mips64" cpu then "gnuabi64"
        else "gnu";
    in "${cpu}-linux-${abi}";

  gnuPrograms = [ "addr2line" "ar" "as" "c++filt" "elfedit" "gprof" "ld" "ld.bfd" "ld.gold" "nm" "objcopy" "objdump" "ranlib" "readelf" "size" "strings" "strip" ];
  toolVariables = { AR = "ar"; NM = "nm"; OBJCOPY = "objcopy"; OBJDUMP = "objdump"; RANLIB = "ranlib"; READELF = "readelf"; STRIP = "strip"; };
  withPrefix = prefix: builtins.mapAttrs (_: tool: prefix + tool) toolVariables;

  # Programs in bin/ under the names that the caller wants: { name = host's program; }. root: the build root that has them;
  # null: the host.
  linkedPrograms = { name, version, programs, install, passthru ? { }, root ? null }:
    noCC.mkDerivation {
      inherit name version;
      buildRoot = root;
      preferLocalBuild = true;
      linkNames = builtins.attrNames programs;
      linkTargets = builtins.attrValues programs;
      needed = install;
      buildCommand = ''
        mkdir -p $out/bin
        targets=($linkTargets)
        index=0
        for link in $linkNames; do
          target=''${targets[index]}
          index=$((index + 1))
          if [ -x "/usr/bin/$target" ]; then ln -s "/usr/bin/$target" "$out/bin/$link"; fi
        done
        if [ -z "$(ls -A $out/bin)" ]; then
          echo "error: this machine does not have ${name}; on Debian: apt-get install $needed" >&2
          exit 1
        fi
      '';
      passthru = passthru // { isHostOnly = pinned.isOn && root == null; };
    };

  # A folder of the host's libraries as $out/lib.
  linkedFolder = { name, version, folder, file, install }:
    noCC.mkDerivation {
      inherit name version folder file;
      buildRoot = null;
      passthru.isHostOnly = pinned.isOn;
      preferLocalBuild = true;
      buildCommand = ''
        if [ ! -e "$folder/$file" ]; then
          echo "error: this machine does not have $folder/$file; on Debian: apt-get install ${install}" >&2
          exit 1
        fi
        mkdir -p $out
        ln -s "$folder" $out/lib
      '';
    };

  # The version that will be used for the one that was asked for.
  nearest = what: available: wanted:
    let
      newer = builtins.filter (v: builtins.compareVersions v wanted >= 0) available;
      chosen = if builtins.elem wanted available then wanted
        else if newer != [ ] then builtins.head newer
        else if available != [ ] then lib.last available
        else wanted;
    in
    if chosen == wanted then wanted
    else lib.warn "${what} ${wanted} is not on this machine; using ${what} ${chosen} in its place" chosen;

  gccVersions =
    let folder = "/usr/lib/gcc/${debianTripleOf buildPlatform}";
    in builtins.sort (a: b: builtins.compareVersions a b < 0)
      (builtins.filter (v: builtins.match "[0-9]+" v != null && builtins.pathExists "/usr/bin/gcc-${v}")
        (if builtins.pathExists folder then builtins.attrNames (builtins.readDir folder) else [ ]));
  debianTripleOf = platform: builtins.replaceStrings [ "-unknown-" "-pc-" ] [ "-" "-" ] platform.config;

  # The same of a build root, where the compiler of the root is plain gcc.
  rootGcc = wanted:
    let
      found = pinned.gcc wanted;
      inherit (found) version root;
      programs = lib.genAttrs ([ "gcc" "cc" "g++" "c++" "cpp" "gcc-${version}" "g++-${version}" ] ++ gnuPrograms) (p: p);
    in {
      inherit version;
      buildRoot = root;
      env = { CC = "gcc"; CXX = "g++"; LD = "ld"; } // withPrefix "";
      cc = linkedPrograms {
        name = "gcc-wrapper-${version}"; inherit version programs root; install = "gcc g++ binutils";
        passthru = { isGNU = true; isClang = false; targetPrefix = ""; suffix = ""; };
      };
      inputs = [ ];
    };

  # wanted: a version, or null for the host's default.
  nativeGcc = wanted: if pinned.isOn then rootGcc wanted else
    let
      version = if wanted == null then toolchain.native.version else nearest "gcc" gccVersions wanted;
      suffix = if wanted == null || version == toolchain.native.version then "" else "-${version}";
      programs = { gcc = "gcc${suffix}"; cc = "gcc${suffix}"; "g++" = "g++${suffix}"; "c++" = "g++${suffix}"; cpp = "cpp${suffix}"; }
        // lib.genAttrs gnuPrograms (p: p)
        // lib.optionalAttrs (version != null) { "gcc-${version}" = "gcc-${version}"; "g++-${version}" = "g++-${version}"; };
    in {
      inherit version;
      env = { CC = "gcc${suffix}"; CXX = "g++${suffix}"; LD = "ld"; toolchain = toolchain.native.fingerprint + suffix; } // withPrefix "";
      cc = linkedPrograms {
        name = "gcc-wrapper-${toString version}"; version = toString version; inherit programs; install = "gcc g++ binutils";
        passthru = { isGNU = true; isClang = false; targetPrefix = ""; suffix = suffix; };
      };
      inputs = [ ];
    };

  # Debian's compiler from the store for the targets that are pinned, else the one that the host has.
  crossToolchain = import ./cross-toolchain.nix { inherit lib; inherit (noCC) mkDerivation; inherit (buildPlatform) system; };
  debArchs = { aarch64-linux-gnu = "arm64"; arm-linux-gnueabihf = "armhf"; riscv64-linux-gnu = "riscv64"; };
  crossRoot = if pinned.isOn && debArchs ? ${debianTriple} then pinned.cross debArchs.${debianTriple} else null;
  crossGcc = wanted:
    let
      isPackage = crossRoot == null && crossToolchain.isPinned debianTriple;
      found = if crossRoot != null then crossRoot else toolchain.cross debianTriple;
      present = if isPackage then crossToolchain.version else found.version;
      version = if wanted == null then present
        else nearest "gcc for ${debianTriple}" (lib.optional (present != null) present) wanted;
      prefix = "${hostPlatform.config}-";
      passthru = { isGNU = true; isClang = false; targetPrefix = prefix; suffix = ""; };
      programs = lib.listToAttrs (lib.concatMap (program: [
        { name = prefix + program; value = "${debianTriple}-${program}"; }
        { name = "${debianTriple}-${program}"; value = "${debianTriple}-${program}"; }
      ]) ([ "gcc" "g++" "cpp" ] ++ gnuPrograms));
      cc =
        if isPackage then crossToolchain.package { triple = debianTriple; inherit prefix passthru; }
        else linkedPrograms {
          name = "${prefix}gcc-wrapper-${toString version}"; version = toString version; inherit programs passthru;
          root = crossRoot.root or null;
          install = "gcc-${builtins.replaceStrings [ "_" ] [ "-" ] debianTriple}";
        };
      # The host's own compiler makes the programs that run while a kernel is built.
      fingerprint = if isPackage then "${baseNameOf cc.outPath} ${toolchain.native.fingerprint}" else found.fingerprint;
    in {
      inherit version cc;
      buildRoot = crossRoot.root or null;
      env = { CC = "${prefix}gcc"; CXX = "${prefix}g++"; LD = "${prefix}ld"; } // lib.optionalAttrs (crossRoot == null) { toolchain = fingerprint; } // withPrefix prefix;
      inputs = [ cc ];
    };

  gcc = if isCross then crossGcc else nativeGcc;

  # A root has one clang, and no cross compiler beside it.
  clang = wanted:
    let
      found = if pinned.isOn && !isCross then pinned.clang wanted else null;
      available = toolchain.clangVersions;
      version = if found != null then found.version else if wanted == null then (if available == [ ] then "14" else lib.last available) else nearest "clang" available wanted;
      programs = lib.listToAttrs (lib.concatMap (program: [
        { name = program; value = "${program}-${version}"; }
        { name = "${program}-${version}"; value = "${program}-${version}"; }
      ]) [ "clang" "clang++" "ld.lld" "llvm-ar" "llvm-nm" "llvm-objcopy" "llvm-objdump" "llvm-readelf" "llvm-strip" "llvm-link" "opt" "llc" ])
        // { cc = "clang-${version}"; "c++" = "clang++-${version}"; };
      crossEnv = if isCross then (crossGcc null).env else { };
    in {
      inherit version;
      env = withPrefix "" // crossEnv // { CC = "clang-${version}"; CXX = "clang++-${version}"; LD = "ld"; } // lib.optionalAttrs (found == null) { toolchain = (toolchain.clang version).fingerprint; };
      buildRoot = found.root or null;
      cc = linkedPrograms {
        root = found.root or null;
        name = "clang-wrapper-${version}"; inherit version programs; install = "clang-${version} lld-${version} llvm-${version}";
        passthru = {
          isGNU = false; isClang = true; suffix = "-${version}";
          targetPrefix = lib.optionalString isCross "${hostPlatform.config}-";
          hasLld = found != null || builtins.pathExists "/usr/bin/ld.lld-${version}";
        };
      };
      inputs = lib.optionals isCross (crossGcc null).inputs;
    };

  # adapt: what adapters (adapters.nix) make of the arguments of mkDerivation; more: packages before the inputs of each.
  # buildRoot: another than the compiler's.
  makeStdenv = { name, compiler, adapt ? null, more ? [ ], buildRoot ? if compiler == null then pinned.base else compiler.buildRoot or null }:
    let
      plain = import ./mk-derivation.nix { inherit lib stdenv config; };
      stdenv = {
        inherit name config buildPlatform hostPlatform scripts adapt buildRoot;
        targetPlatform = hostPlatform;
        inherit (hostPlatform) system isLinux is32bit is64bit isx86_64 isAarch64 isDarwin isi686 isAarch32 isx86;
        outPath = "${scripts}";
        setup = "${scripts}/setup";
        shell = "/bin/bash";
        hasCC = compiler != null;
        # A compiler as a package knows how it is used, for overrideCC.
        cc = if compiler == null then throw "${name} has no compiler" else
          let cc = compiler.cc // { inherit (compiler) version; inherit compiler; cc = cc; bintools = cc; override = _: cc; }; in cc;
        toolchain = if compiler == null then null else compiler.env.toolchain or "";
        environment = if compiler == null then { } else compiler.env;
        initialPath = more ++ (if compiler == null then [ ] else compiler.inputs);
        mkDerivation = if adapt == null then plain else attrs:
          plain (if builtins.isFunction attrs then final: adapt (attrs final) else adapt attrs);
        override = changes:
          let given = if builtins.isFunction changes then changes stdenv else changes;
          in makeStdenv ({ inherit name compiler adapt more; } // lib.optionalAttrs (!(given ? compiler)) { inherit buildRoot; } // given);
        meta = { platforms = lib.platforms.linux or [ ]; };
        inherit lib;
      };
    in stdenv;

  # One version of LLVM: on Debian compiler, linker and tools are one set of programs.
  llvmPackages = compiler:
    let
      stdenv = makeStdenv { name = "stdenv-clang${compiler.version}"; inherit compiler; };
      tool = name: programs: linkedPrograms {
        name = "${name}-${compiler.version}"; inherit (compiler) version; install = "${name}-${compiler.version}";
        programs = lib.genAttrs programs (program: "${program}-${compiler.version}");
      };
      # LLVM's own under the names of binutils.
      bintools = linkedPrograms {
        name = "llvm-binutils-${compiler.version}"; inherit (compiler) version; install = "llvm-${compiler.version} lld-${compiler.version}";
        root = compiler.buildRoot or null;
        programs = lib.genAttrs [ "addr2line" "ar" "c++filt" "nm" "objcopy" "objdump" "ranlib" "readelf" "size" "strings" "strip" ]
          (program: "llvm-${if program == "c++filt" then "cxxfilt" else program}-${compiler.version}")
          // { ld = "ld.lld-${compiler.version}"; "ld.lld" = "ld.lld-${compiler.version}"; };
      };
      library = linkedFolder { name = "libclang-${compiler.version}"; inherit (compiler) version; folder = "/usr/lib/llvm-${compiler.version}/lib"; file = "libclang.so.1"; install = "libclang-${compiler.version}-dev"; };
    in {
      inherit stdenv;
      inherit (compiler) version;
      release_version = compiler.version;
      libcxxStdenv = stdenv;
      clang-tools = tool "clang-tools" [ "clangd" "clang-format" "clang-tidy" "scan-build" ];
      lldb = tool "lldb" [ "lldb" ];
      libclang = library // { lib = library; dev = library; };
    } // lib.genAttrs [ "clang" "clang-unwrapped" "clangUseLLVM" "clangNoLibcxx" "libcxxClang" "libstdcxxClang" "llvm" "libllvm" "lld" "compiler-rt" ] (_: stdenv.cc)
      // lib.genAttrs [ "bintools" "bintools-unwrapped" ] (_: bintools);

  noCC = makeStdenv { name = "stdenv-linux-no-cc"; compiler = null; };
  versionsWith = first: last: map toString (lib.range first last);
  named = versions: f: lib.listToAttrs (lib.concatMap f versions);
in
final: previous:
{
  stdenv = makeStdenv { name = "stdenv-linux"; compiler = gcc null; };
  stdenvNoCC = noCC;
  gccStdenv = final.stdenv;
  # { base, has, rust, ... } of build-root.nix, for the few packages that ask.
  pinnedTools = pinned;
  clangStdenv = makeStdenv { name = "stdenv-clang"; compiler = clang null; };
  libcxxStdenv = final.clangStdenv;
  gcc = final.stdenv.cc;
  clang = final.clangStdenv.cc;
  gcc-unwrapped = final.gcc;
  binutils = final.gcc;
  binutils-unwrapped = final.gcc;

  overrideCC = stdenv: cc:
    if cc ? compiler then stdenv.override { inherit (cc) compiler; name = "${stdenv.name}-${cc.name}"; }
    else throw "overrideCC: ${cc.name or "this"} is not one of this package set's compilers (gcc, gcc12, clang_14, ...)";
  ccacheStdenv = final.stdenv;
  fastStdenv = final.stdenv;
  stdenvAdapters = import ./adapters.nix { inherit lib; pkgs = final; };
  inherit (final.stdenvAdapters) addAttrsToDerivation overrideInStdenv makeStaticBinaries makeStaticLibraries keepDebugInfo impureUseNativeOptimizations withCFlags useMoldLinker propagateBuildInputs;

  llvmPackages = llvmPackages (clang null);
  llvmPackages_latest = final.llvmPackages;
  libclang = final.llvmPackages.libclang;
  libllvm = final.llvmPackages.libllvm;
  llvm = final.llvmPackages.llvm;
  lld = final.llvmPackages.lld;
  lldb = final.llvmPackages.lldb;
}
// named (versionsWith 4 16) (v: [
  { name = "gcc${v}"; value = (gcc v).cc; }
  { name = "gcc${v}Stdenv"; value = makeStdenv { name = "stdenv-gcc${v}"; compiler = gcc v; }; }
])
// named (versionsWith 5 22) (v:
  let set = llvmPackages (clang v);
  in [
    { name = "clang_${v}"; value = set.clang; }
    { name = "clang${v}Stdenv"; value = set.stdenv; }
    { name = "clang_${v}Stdenv"; value = set.stdenv; }
    { name = "llvmPackages_${v}"; value = set; }
  ] ++ map (tool: { name = "${tool}_${v}"; value = set.${tool}; }) [ "lld" "llvm" "clang-tools" "libclang" "lldb" ])
