# SPDX-License-Identifier: GPL-2.0-or-later
# buildLinux: a kernel from a source and a configuration that is asked for in Nix. Its arguments are those of NixOS.
#
#   version, modDirVersion, src, pname          what it is; modDirVersion is what `uname -r` will say
#   defconfig                                   the base: defconfig, allnoconfig, NAME_defconfig, a .config file
#   structuredExtraConfig, extraConfig          requests on top of it (lib.kernel; lines "NAME y")
#   kernelPatches                               [ { name; patch; extraConfig; structuredExtraConfig; features; } ]
#   enableCommonConfig, autoModules, preferBuiltin, ignoreConfigErrors    how much is decided for you
#   trim                                        what is needed: modules beside that become n (boot.kernix.hardware makes it)
#   extraMakeFlags, extraMeta, features, randstructSeed, buildDTBs, stdenv, argsOverride
#
# `buildLinux.override { stdenv = ...; }` gives one that compiles with another toolchain; nixpkgs' other names there mean nothing here.
{ lib, pkgs, callPackage, stdenv ? pkgs.stdenv, buildPackages ? null, ... }:
let
  defaultStdenv = stdenv;
  buildKernel = callPackage ./build.nix { };
  mergeStructured = import ./structured-config.nix { inherit lib; };
  parseLines = place: import ./extra-config.nix { inherit lib place; };
  commonConfig = import ./common-config.nix;
  common = "the common configuration"; # who asks

  # An answer that gives way to any other; conditions stay outside of the priority, where they are looked for.
  weak = answer:
    if answer._type or null == "if" then answer // { content = weak answer.content; }
    else if answer ? _type then answer
    else lib.mkDefault answer;
in
lib.makeOverridable (
{ version
, src
, pname ? "linux"
, modDirVersionArg ? null # its name in older nixpkgs
, modDirVersion ? if modDirVersionArg != null then modDirVersionArg else lib.versions.pad 3 version
, defconfig ? null
, structuredExtraConfig ? { }
, extraConfig ? ""
, kernelPatches ? [ ]
, enableCommonConfig ? true
, autoModules ? null
, preferBuiltin ? null
, ignoreConfigErrors ? null
, extraMakeFlags ? [ ]
, extraMeta ? { }
, features ? { }
, randstructSeed ? ""
, isZen ? false
, isLTS ? false
, isHardened ? false
, isLibre ? false
, postPatch ? ""
, prePatch ? ""
, stdenv ? defaultStdenv
, extraPassthru ? { }
, buildDTBs ? null
, trim ? null
, ...
}@args:
let
  platform = stdenv.hostPlatform.linux-kernel or { };
  orElse = value: fallback: if value != null then value else fallback;
  base = orElse defconfig (orElse (platform.baseConfig or null) "defconfig");

  patchName = patch: patch.name or (if patch.patch or null == null then "unnamed" else baseNameOf (toString patch.patch));
  patchWhy = patch: "kernel patch '${patchName patch}'";
  placeOf = set:
    let pos = builtins.unsafeGetAttrPos "extraConfig" set;
    in lib.optionalString (pos != null) " (${pos.file}:${toString pos.line}:${toString pos.column})";
  structuredOf = patch: patch.structuredExtraConfig or patch.extraStructuredConfig or { };

  allFeatures = lib.foldl (known: patch: lib.recursiveUpdate known (patch.features or { }))
    ({ efiBootStub = true; netfilterRPFilter = true; ia32Emulation = true; } // features) kernelPatches;

  merged = mergeStructured (
    lib.optional enableCommonConfig {
      why = common;
      config = builtins.mapAttrs (_: weak) (commonConfig { inherit lib version isHardened; inherit (stdenv) hostPlatform; features = allFeatures; });
    }
    ++ map (patch: { why = patchWhy patch + " (structuredExtraConfig)"; config = structuredOf patch; })
      (builtins.filter (patch: structuredOf patch != { }) kernelPatches)
    ++ map (config: { why = "structuredExtraConfig of ${pname}-${version}"; inherit config; }) (lib.toList structuredExtraConfig));

  # Arguments are open, so that packages can pass their own on; a name that is nearly one of these is a mistake.
  words = [ "structuredExtraConfig" "extraConfig" "ignoreConfigErrors" "kernelPatches" "modDirVersion" "autoModules"
    "preferBuiltin" "enableCommonConfig" "extraMakeFlags" "argsOverride" "randstructSeed" ];
  taken = words ++ [ "version" "src" "pname" "defconfig" "extraMeta" "features" "isZen" "isLTS" "isHardened" "isLibre" "postPatch" "prePatch"
    "stdenv" "extraPassthru" "buildDTBs" "trim" ];
  resembles = name: word:
    let apart = builtins.stringLength name - builtins.stringLength word;
    in apart <= 2 && -apart <= 2 && (lib.toLower word == lib.toLower name || lib.strings.levenshteinAtMost 2 word name);
  meant = name:
    if builtins.elem name [ "extraStructuredConfig" "structuredConfig" "structuredExtraconfig" ] then "structuredExtraConfig"
    else lib.findFirst (resembles name) null words;
  mistakes = lib.filter (name: meant name != null) (builtins.attrNames (removeAttrs args taken));
  told = lib.foldl' (value: name:
    let pos = builtins.unsafeGetAttrPos name args;
    in lib.warn "${pname}-${version}: the argument '${name}' has no effect; did you mean '${meant name}'?${lib.optionalString (pos != null) " (${pos.file}:${toString pos.line}:${toString pos.column})"}" value);

  platformLines = platform.extraConfig or "";
  asked = merged.requests
    ++ lib.optionals (enableCommonConfig && platformLines != "") (map (r: r // { optional = true; }) (parseLines "" "the platform '${platform.name or stdenv.hostPlatform.config}'" platformLines))
    ++ lib.concatMap (patch: parseLines (placeOf patch) (patchWhy patch + " (extraConfig)") (patch.extraConfig or "")) kernelPatches
    ++ parseLines (placeOf args) "extraConfig of ${pname}-${version}" extraConfig;
  # DEBUG_INFO y, as everybody writes it: since Linux 5.18 it has no prompt and comes with the format that is chosen.
  formatOf = lib.optional
    (lib.versionAtLeast version "5.18" && builtins.any (r: r.name == "DEBUG_INFO" && r.value == "y") asked
      && !builtins.any (r: lib.hasPrefix "DEBUG_INFO_DWARF" r.name && r.value == "y") asked)
    { name = "DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT"; value = "y"; optional = true; kind = "tristate"; why = "DEBUG_INFO, which needs a format since Linux 5.18"; };
  requests = told (if formatOf == [ ] then asked else formatOf ++ builtins.filter (r: !(r.name == "DEBUG_INFO_NONE" && r.optional)) asked) mistakes;

  # Where each request is written, for messages; not part of any derivation. Lines of an extraConfig stand where that is defined.
  places = config:
    if !(builtins.isAttrs config) then { }
    else if config._type or null == "merge" then lib.foldl' (all: part: all // places part) { } config.contents
    else if config ? _type then places (config.content or { })
    else lib.mapAttrs' (name: _: lib.nameValuePair (lib.removePrefix "CONFIG_" name) (builtins.unsafeGetAttrPos name config)) config;
  linePlaces = set:
    let place = builtins.unsafeGetAttrPos "extraConfig" set;
    in builtins.listToAttrs (map (r: { inherit (r) name; value = place; }) (parseLines "" "extraConfig" (set.extraConfig or "")));
  requestPositions = lib.foldl' (all: more: all // more) { }
    (map (patch: places (structuredOf patch)) kernelPatches ++ map places (lib.toList structuredExtraConfig)
      ++ map linePlaces kernelPatches ++ [ (linePlaces args) ]);
  withRust = builtins.any (r: r.name == "RUST" && r.value == "y") requests;
  # rustc and bindgen are in a build root of their own.
  toolsStdenv =
    if stdenv.buildRoot != null && stdenv.buildRoot == pkgs.pinnedTools.base && withRust && pkgs.pinnedTools.rust != null
    then stdenv.override { buildRoot = pkgs.pinnedTools.rust; }
    else stdenv;
in
buildKernel {
  stdenv = toolsStdenv;
  inherit pname version modDirVersion src kernelPatches extraMakeFlags randstructSeed extraMeta prePatch postPatch buildDTBs;
  features = allFeatures;
  configOf = { tree, arch, tools, toolPath }: pkgs.makeKernelConfig {
    inherit version tree arch tools toolPath requests base;
    inherit (toolsStdenv) toolchain buildRoot;
    autoModules = orElse autoModules (platform.autoModules or true);
    preferBuiltin = orElse preferBuiltin (platform.preferBuiltin or false);
    ignoreConfigErrors = orElse ignoreConfigErrors false;
    # What every kernel is asked for holds no module that nobody needs.
    trim = if trim == null then null else { weak = common; } // trim;
  };
  extraPassthru = {
    inherit withRust;
    inherit isZen isLTS isHardened isLibre requests requestPositions extraConfig trim;
    structuredExtraConfig = lib.foldl' (all: more: all // more) { } (lib.toList structuredExtraConfig);
    structuredConfig = merged.settings;
    commonStructuredConfig = commonConfig { inherit lib version isHardened; inherit (stdenv) hostPlatform; features = allFeatures; };
  } // extraPassthru;
})
