# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel of the distribution as its packages have it: image, modules and headers unpacked into the same outputs as a
# kernel that is built here. It serves everything but configuration; what would change it is refused with a reason.
{ lib, stdenv, pkgs, fetchDeb, debLock, imagePackage, kernelPatches ? [ ], structuredExtraConfig ? { }, extraConfig ? "", ... }:
let
  entry = debLock.${imagePackage};
  deb = name: fetchDeb ({ package = name; } // (debLock.${name} or (throw "the Debian package '${name}' is not pinned: run tools/debian-lock.sh ${name}")));
  release = lib.removePrefix "linux-image-" imagePackage;
  version = builtins.head (builtins.match "([0-9.]+).*" entry.version);
  series = lib.versions.majorMinor version;
  flavour = builtins.head (builtins.match ".*-([a-z0-9]+)" release);
  baseRelease = lib.removeSuffix "-${flavour}" release;
  headers = "linux-headers-${release}";
  common = "linux-headers-${baseRelease}-common";
  kbuild = "linux-kbuild-${baseRelease}";
  readConfig = import ./read-config.nix { inherit lib; };

  changed = builtins.filter (patch: (patch.patch or null) != null || (patch.extraConfig or "") != "" || (patch.structuredExtraConfig or { }) != { }) kernelPatches;
  refuse = lib.optional (changed != [ ]) "kernelPatches (${lib.concatMapStringsSep ", " (p: p.name or "unnamed") changed})"
    ++ lib.optional (structuredExtraConfig != { }) "structuredExtraConfig"
    ++ lib.optional (extraConfig != "") "extraConfig";
in
assert lib.assertMsg (refuse == [ ])
  "linuxPackages_debian_bin is a prebuilt kernel and cannot take ${lib.concatStringsSep ", " refuse}; use linuxPackages_debian, which builds the same source";
stdenv.mkDerivation (final: {
  pname = "linux-debian";
  inherit version;
  outputs = [ "out" "dev" "modules" ];
  image = deb imagePackage;
  headersDebs = map deb [ headers common kbuild ];
  modDirVersion = release;
  inherit baseRelease;
  nativeBuildInputs = with pkgs.buildPackages; [ bc bison flex perl elfutils openssl kmod zstd cpio ];
  preferLocalBuild = true;
  buildCommand = "source ${./prebuilt.sh}";
  passthru = {
    inherit kernelPatches stdenv;
    modDirVersion = release;
    features = { efiBootStub = true; netfilterRPFilter = true; ia32Emulation = true; };
    configfile = "${final.finalPackage}/config";
    config = readConfig.fromFile "${final.finalPackage}/config";
    target = "bzImage";
    isModular = true;
    kernelOlder = lib.versionOlder version;
    kernelAtLeast = lib.versionAtLeast version;
    moduleBuildDependencies = with pkgs.buildPackages; [ pahole perl elfutils kmod zstd ];
    # What `kernix config` asks: Debian's file as it is, looked at in the source of that series.
    builtConfig = pkgs.makeKernelConfig {
      inherit version;
      tree = pkgs.linuxSource { inherit version; inherit (final.finalPackage) src; };
      arch = stdenv.hostPlatform.linuxArch or "x86_64";
      base = final.finalPackage.configfile;
      finished = true;
      requests = [ ];
      autoModules = false;
      preferBuiltin = false;
      ignoreConfigErrors = false;
      tools = builtins.intersectAttrs { CC = 0; LD = 0; AR = 0; NM = 0; OBJCOPY = 0; } stdenv.environment // { HOSTCC = "gcc"; HOSTCXX = "g++"; };
      inherit (stdenv) toolchain buildRoot;
    };
    commonMakeFlags = [ "ARCH=${stdenv.hostPlatform.linuxArch or "x86_64"}" ];
    moduleMakeFlags = [ "ARCH=${stdenv.hostPlatform.linuxArch or "x86_64"}" "KBUILD_OUTPUT=${final.finalPackage.dev}/lib/modules/${release}/build" ];
    fromDebian = true;
    isLibre = false; isZen = false; isHardened = false; isLTS = true; isXen = true;
    baseVersion = version;
    # Its source, for those who build single modules of the tree: with the release's last part, so that they fit.
    src = deb "linux-source-${series}";
    postPatch = "echo '${lib.removePrefix version release}' > localversion-distribution";
    patches = [ ];
  };
  meta = { description = "Debian's own build of the Linux kernel"; license = lib.licenses.gpl2Only or { free = true; }; };
})
