# SPDX-License-Identifier: GPL-2.0-or-later
# The layer of kernels. Facts are in versions.json, and of newer releases in tables (releases.nix); a new kind of kernel is a row below.
#
#   linux_X_Y, linux, linux_latest, linux_zen, ...   kernels        linuxPackages...   a kernel with its module packages
#   buildLinux, linuxManualConfig                    to make one    linuxPackagesFor   a package set for any kernel
{ lib }:
final: previous:
let
  inherit (final) callPackage;
  inherit (builtins) mapAttrs attrNames replaceStrings;
  facts = import ./releases.nix;
  inherit (facts) series variants;

  underscore = replaceStrings [ "." ] [ "_" ];
  released = removeAttrs series [ "testing" ];
  newestOf = test: lib.last (lib.sort (a: b: builtins.compareVersions a b < 0) (builtins.filter (s: test released.${s}) (attrNames released)));
  ltsSeries = newestOf (s: s.lts && !s.eol);
  latestSeries = newestOf (s: !s.eol);

  # A kernel whose attributes f gives, and the arguments that `.override` may add; argsOverride wins over all.
  # The wiki writes pkgs.linux_zen.kernel: a kernel is also its own `kernel`.
  kernelOf = f: withSelf (callPackage ({ buildLinux, ... }@args:
    sayFixed args (buildLinux (removeAttrs args ([ "buildLinux" ] ++ fixed) // f args // (args.argsOverride or { })))) { kernelPatches = [ ]; });
  # What these kernels are; `.override` with such a name comes too early, as in nixpkgs.
  fixed = [ "version" "modDirVersion" "modDirVersionArg" "src" "pname" ];
  sayFixed = args: kernel:
    let given = builtins.filter (name: args ? ${name}) fixed;
    in lib.warnIf (given != [ ]) "${kernel.name}: ${lib.concatStringsSep ", " given} in .override has no effect; write .override { argsOverride = { ${builtins.head given} = ...; }; }" kernel;
  withSelf = kernel: kernel // { kernel = kernel; };

  sourceOf = release:
    if release.recursive or false then final.fetchzip { inherit (release) url hash; }
    else final.fetchurl { inherit (release) url hash; };
  fromForge = src:
    if src.host == "gitlab.com" then final.fetchFromGitLab { inherit (src) owner repo rev hash; }
    else final.fetchFromGitHub { inherit (src) owner repo rev hash; };

  mainline = name: release: kernelOf (args: {
    inherit (release) version modDirVersion;
    src = sourceOf release;
    isLTS = release.lts;
    extraMeta = { branch = name; eol = release.eol; } // (args.extraMeta or { });
  });

  merged = args: more: {
    structuredExtraConfig = [ more ] ++ lib.toList (args.structuredExtraConfig or [ ]);
  };
  patched = args: patch: { kernelPatches = [ patch ] ++ args.kernelPatches; };

  zenLike = fact: kernelOf (args: {
    inherit (fact) pname modDirVersion;
    version = fact.version;
    src = fromForge fact.src;
    isZen = true;
    extraMeta = { branch = lib.versions.majorMinor fact.version; broken = final.stdenv.hostPlatform.isAarch64; };
  } // merged args (import ./variant-configs.nix { inherit lib; }).zen);

  xanmodLike = fact: kernelOf (args: {
    inherit (fact) pname modDirVersion;
    version = fact.version;
    src = fromForge fact.src;
    extraMeta = { branch = lib.versions.majorMinor fact.version; broken = final.stdenv.hostPlatform.isAarch64; };
  } // merged args (import ./variant-configs.nix { inherit lib; }).xanmod);

  hardened = name: fact: kernelOf (args: {
    pname = "linux-hardened";
    inherit (fact) version modDirVersion;
    src = final.fetchurl { inherit (fact) url hash; };
    isHardened = true;
    randstructSeed = if args ? randstructSeed && args.randstructSeed != "" then args.randstructSeed else fact.hash;
    extraMeta.branch = name;
  } // patched args { inherit (fact.patch) name; patch = final.fetchurl { inherit (fact.patch) name url hash; }; }
    // merged args ((import ./variant-configs.nix { inherit lib; }).hardened fact.version));

  # The hardening patch and configuration on a kernel of one's own.
  hardenedFor = kernel: overrides:
    let
      base = kernel.override overrides;
      branch = base.meta.branch or (lib.versions.majorMinor base.version);
      fact = variants.hardened.${branch} or (throw "hardenedLinuxPackagesFor: there is no hardening patch for Linux ${branch} (${base.name}); there is one for ${lib.concatStringsSep ", " (attrNames variants.hardened)}");
    in
    base.override (old: {
      argsOverride = (old.argsOverride or { }) // {
        pname = "linux-hardened";
        inherit (fact) version modDirVersion;
        src = final.fetchurl { inherit (fact) url hash; };
        isHardened = true;
      };
      kernelPatches = (old.kernelPatches or [ ]) ++ [ { inherit (fact.patch) name; patch = final.fetchurl { inherit (fact.patch) name url hash; }; } ];
      structuredExtraConfig = [ ((import ./variant-configs.nix { inherit lib; }).hardened fact.version) ] ++ lib.toList (old.structuredExtraConfig or [ ]);
      randstructSeed = if old.randstructSeed or "" != "" then old.randstructSeed else fact.hash;
    });

  realtime = name: fact: kernelOf (args: {
    pname = "linux-rt";
    inherit (fact) version modDirVersion;
    src = final.fetchurl { inherit (fact) url hash; };
    extraMeta.branch = name;
  } // patched args { name = "rt-${fact.version}"; patch = final.fetchurl { inherit (fact.patch) url hash; }; }
    // merged args (import ./variant-configs.nix { inherit lib; }).realtime);

  libre = name: withSelf (callPackage ./libre.nix { base = final."linux_${underscore name}"; facts = variants.libre; kernelPatches = [ ]; });

  raspberry = { defconfig, ... }: kernelOf (args: {
    pname = "linux-rpi";
    inherit (variants.rpi) modDirVersion;
    version = variants.rpi.version;
    src = fromForge variants.rpi.src;
    inherit defconfig;
    ignoreConfigErrors = true;
    features = { efiBootStub = false; } // (args.features or { });
    extraMeta = { branch = "6.12"; platforms = [ "aarch64-linux" "armv7l-linux" "armv6l-linux" ]; };
  } // merged args { LOCALVERSION = lib.mkForce (lib.kernel.freeform ""); });
  is64 = final.stdenv.hostPlatform.isAarch64 or false;

  bySeries = lib.mapAttrs' (name: release: lib.nameValuePair "linux_${underscore name}" (mainline name release)) series;
  hardenedSeries = lib.mapAttrs' (name: fact: lib.nameValuePair "linux_${underscore name}_hardened" (hardened name fact)) variants.hardened;
  rtSeries = lib.mapAttrs' (name: fact: lib.nameValuePair "linux_rt_${underscore name}" (realtime name fact)) variants.rt;

  debian = import ./debian.nix { inherit final lib kernelOf; };

  kernels = bySeries // hardenedSeries // rtSeries // debian.kernels // {
    linux = final."linux_${underscore ltsSeries}";
    linux_default = final.linux;
    linux_latest = final."linux_${underscore latestSeries}";
    linux_zen = zenLike variants.zen;
    linux_lqx = zenLike variants.lqx;
    linux_xanmod = xanmodLike variants.xanmod;
    linux_xanmod_stable = xanmodLike variants.xanmod_stable;
    linux_xanmod_latest = xanmodLike variants.xanmod_latest;
    linux_hardened = final."linux_${underscore facts.hardenedDefault}_hardened";
    linux_latest_hardened = final.linux_hardened;
    linux-rt = final."linux_rt_${underscore facts.rtDefault}";
    linux-rt_latest = final."linux_rt_${underscore facts.rtLatest}";
    linux-libre = libre ltsSeries;
    linux_latest-libre = libre latestSeries;
    linux_rpi0 = final.linux_rpi1;
    linux_rpi1 = raspberry { defconfig = "bcmrpi_defconfig"; };
    linux_rpi02w = final.linux_rpi3;
    linux_rpi2 = raspberry { defconfig = "bcm2709_defconfig"; };
    linux_rpi3 = raspberry { defconfig = if is64 then "bcmrpi3_defconfig" else "bcm2709_defconfig"; };
    linux_rpi4 = raspberry { defconfig = "bcm2711_defconfig"; };
    linux_testing_bcachefs = kernelOf (args: {
      inherit (variants.testing_bcachefs) version modDirVersion;
      src = fromForge variants.testing_bcachefs.src;
      extraMeta.branch = "6.1";
    } // merged args (with lib.kernel; { BCACHEFS_FS = module; }));
  };

  # linuxPackages-rt and linuxPackages_6_12 from linux-rt and linux_6_12.
  packagesName = name: "linuxPackages" + lib.removePrefix "linux" name;

  # An overlay may change a kernel at any of its names: linux_X is linuxKernel.kernels.linux_X, linuxPackages_X is
  # linuxKernel.packages.linux_X, and that set is made from linux_X.
  kernelNames = mapAttrs (name: _: final.linuxKernel.kernels.${name}) kernels;
  packageSets = lib.mapAttrs' (name: _: lib.nameValuePair (packagesName name) final.linuxKernel.packages.${name}) kernels;

  customPackage = { version, src, configfile, modDirVersion ? lib.versions.pad 3 version, allowImportFromDerivation ? false, ... }@args:
    lib.recurseIntoAttrs (final.linuxPackagesFor (final.linuxManualConfig (removeAttrs args [ "recurseForDerivations" ] // {
      inherit version src configfile modDirVersion allowImportFromDerivation;
    })));
in
kernelNames // packageSets // debian.packages // {
  linuxKernel = {
    kernels = lib.makeExtensible (_: kernels);
    # As nixpkgs has it: linuxKernel.packages.linux_6_12 is the set linuxPackages_6_12.
    packages = mapAttrs (name: _: lib.recurseIntoAttrs (final.linuxPackagesFor final.${name})) kernels;
    packageAliases = {
      linux_default = final.linuxPackages;
      linux_latest = final.linuxPackages_latest;
      linux_mptcp = final.linuxPackages;
      linux_rt_default = final.linuxPackages-rt;
      linux_rt_latest = final.linuxPackages-rt_latest;
    };
    vanillaPackages = lib.mapAttrs' (name: _: lib.nameValuePair "linux_${underscore name}" final."linuxPackages_${underscore name}") series;
    rtPackages = lib.mapAttrs' (name: _: lib.nameValuePair "linux_rt_${underscore name}" final."linuxPackages_rt_${underscore name}") variants.rt;
    packagesFor = kernel: import ./packages.nix { inherit lib kernel; pkgs = final; };
    inherit (final) buildLinux;
    hardenedLinuxFor = hardenedFor;
    hardenedPackagesFor = kernel: overrides: final.linuxPackagesFor (hardenedFor kernel overrides);
    rpiPackages = lib.genAttrs [ "linux_rpi1" "linux_rpi2" "linux_rpi3" "linux_rpi4" ] (name: final.${packagesName name});
    manualConfig = final.linuxManualConfig;
    inherit (final) linuxConfig;
    customPackage = final.linuxPackages_custom;
    kernelPatches = import ./patches.nix;
  };
  kernelPatches = import ./patches.nix;

  buildLinux = callPackage ./generic.nix { };
  linuxManualConfig = callPackage ./manual-config.nix { };
  linuxConfig = callPackage ./make-config.nix { };
  linuxSource = callPackage ./source.nix { };
  makeKernelConfig = callPackage ./config.nix { };
  aggregateModules = callPackage ./aggregate-modules.nix { };
  linuxPackagesFor = kernel: final.linuxKernel.packagesFor kernel;
  hardenedLinuxPackagesFor = final.linuxKernel.hardenedPackagesFor;
  # Changes to every set of kernel packages: a list of `final: previous: { ... }` that overlays add to.
  kernelPackagesExtensions = [ ];

  # The wiki's and NixOS's other names.
  linux_xen_dom0 = final.linux;
  linux_latest_xen_dom0 = final.linux_latest;
  linuxPackages_xen_dom0 = final.linuxPackages;
  linuxPackages_latest_xen_dom0 = final.linuxPackages_latest;
  linuxPackages_xen_dom0_hardened = final.linuxPackages_hardened;
  linuxPackages_latest_xen_dom0_hardened = final.linuxPackages_latest_hardened;
  linuxPackages_custom = customPackage;
  linuxPackages_custom_tinyconfig_kernel = customPackage {
    inherit (final.linux) version modDirVersion src;
    configfile = final.linuxConfig { makeTarget = "tinyconfig"; inherit (final.linux) src version; };
  };
  makeLinuxHeaders = callPackage ./headers.nix { };
  linuxHeaders = final.makeLinuxHeaders { inherit (final.linux) src version; };
}
