# SPDX-License-Identifier: GPL-2.0-or-later
# Kernels: names, arguments, requests.
{ pkgs, lib, nixpkgs }:
let
  parse = import (nixpkgs + "/linux/extra-config.nix") { inherit lib; } "test";
  kernel = pkgs.linux_debian;
  drv = path: builtins.unsafeDiscardStringContext path.drvPath;
  wikiNames = builtins.filter (line: builtins.isString line && line != "") (builtins.split "\n" (builtins.readFile ../../wiki/03-list-of-kernels/names));
  small = kernel.override {
    defconfig = "allnoconfig"; enableCommonConfig = false; autoModules = false;
    structuredExtraConfig = with lib.kernel; { A = yes; B = option module; C = freeform "64"; D = lib.mkForce no; E = unset; F = lib.mkIf false yes; };
    extraConfig = "G y\n";
    kernelPatches = [ { name = "p"; patch = null; structuredExtraConfig.D = lib.kernel.yes; } ];
  };
  request = name: lib.findFirst (r: r.name == name) null small.requests;
in
{
  wikiNames = builtins.filter (name: !(pkgs ? ${name})) wikiNames == [ ];
  wikiKernels = builtins.all (name: lib.isDerivation pkgs.${name}.kernel) (lib.subtractLists [ "linuxPackages_custom" "linuxPackagesFor" ] wikiNames);

  lineYes = parse "FOO y" == [ { name = "FOO"; value = "y"; optional = false; kind = "tristate"; why = "test"; } ];
  lineOptional = (lib.head (parse "  FOO?   m  # why\n")).optional;
  lineText = (lib.head (parse ''FOO "a # b"'')).value == "a # b";
  lineNumber = (lib.head (parse "FOO 0x10")).kind == "freeform";
  lineOfStorePath = builtins.hasContext (lib.last (parse "FOO y\nBAR \"${pkgs.writeText "bar" ""}\"")).value;
  lineComment = parse "# FOO y\n\n" == [ ];

  requestYes = request "A" == { name = "A"; value = "y"; optional = false; kind = "tristate"; why = "structuredExtraConfig of linux-${kernel.version}"; };
  requestOption = (request "B").optional && (request "B").value == "m";
  requestFreeform = (request "C").kind == "freeform" && (request "C").value == "64";
  requestForced = (request "D").value == "n";
  requestUnset = (request "E").kind == "unset" && (request "E").value == null;
  requestAbsent = request "F" == null;
  linesComeLast = (lib.last small.requests).name == "G";

  sourceIsShared = drv small.tree == drv kernel.tree;
  overrideAttrsReachesTheTree = drv (kernel.overrideAttrs { postPatch = "true"; }).tree != drv kernel.tree;
  overrideAttrsReachesTheConfig = drv (kernel.overrideAttrs (old: { postPatch = "true"; })).configfile != drv kernel.configfile;
  overrideKeepsOverride = ((kernel.override { extraConfig = "A y"; }).override { }) ? overrideAttrs;
  argsOverride = (kernel.override { argsOverride.modDirVersion = "1.2.3"; }).modDirVersion == "1.2.3";
  commonIsThere = builtins.length kernel.requests > 400 && (lib.findFirst (r: r.name == "KUNIT") null kernel.requests).value == "n";
  # The form of NixOS's own list: a condition inside of the answer.
  conditionInside = let k = kernel.override { enableCommonConfig = false; structuredExtraConfig = {
      A = { optional = true; tristate = lib.mkIf true "y"; };
      B = { optional = true; tristate = lib.mkIf false "y"; };
      C = lib.mkForce { tristate = lib.mkIf true "m"; };
      D = lib.mkMerge [ { tristate = lib.mkIf false "m"; } lib.kernel.no ];
    }; }; in map (r: [ r.name r.value r.optional ]) k.requests == [ [ "A" "y" true ] [ "C" "m" false ] [ "D" "n" false ] ];
  # What NixOS asks for: a script can be init; Debian's newer suites have newer kernels.
  scriptsAreInit = (lib.findFirst (r: r.name == "BINFMT_SCRIPT") null kernel.requests).value == "y";
  newerSuites = builtins.match "7[.0-9]+" pkgs.linux_debian_latest.modDirVersion != null && !pkgs.linux_debian_testing.isLTS
    && builtins.match "[0-9]+[.][0-9]+[.][0-9]+(-rc[0-9]+)?" pkgs.linux_debian_testing.modDirVersion != null;
  commonByVersion = let names = k: map (r: r.name) k.requests; in lib.elem "PREEMPT_LAZY" (names pkgs.linux_6_18) && !lib.elem "PREEMPT_LAZY" (names kernel);
  variantWins = (lib.findFirst (r: r.name == "PREEMPT") null pkgs.linux_zen.requests).value == "y";
  commonWinsNothing = (lib.findFirst (r: r.name == "KUNIT") null (kernel.override { structuredExtraConfig.KUNIT = lib.kernel.yes; }).requests).value == "y";
  makeFlagsCross = pkgs.pkgsCross.aarch64-multiplatform.linux.makeFlags == [ "ARCH=arm64" "CROSS_COMPILE=aarch64-unknown-linux-gnu-" ];
  target = pkgs.pkgsCross.aarch64-multiplatform.linux.target == "Image" && kernel.target == "bzImage";
  outputs = kernel.outputs == [ "out" "dev" "modules" ] && lib.isDerivation kernel.dev && kernel.dev.outputName == "dev";
  attributes = builtins.all (a: kernel ? ${a}) [ "configfile" "modDirVersion" "version" "kernelPatches" "features" "moduleBuildDependencies" "nativeBuildInputs" "override" "overrideAttrs" "src" "isLTS" "kernelOlder" "kernelAtLeast" "makeFlags" "commonMakeFlags" "stdenv" "postPatch" "patches" "kernel" ];
  setFollowsKernel = (pkgs.linuxPackagesFor small).kernel.drvPath == small.drvPath;
  linuxKernel = pkgs.linuxKernel.packages.linux_6_6.kernel.drvPath == pkgs.linux_6_6.drvPath
    && pkgs.linuxKernel.kernels.linux_zen.drvPath == pkgs.linux_zen.drvPath
    && pkgs.linuxKernel.packageAliases.linux_latest.kernel.version == pkgs.linux_latest.version;
  overlayReachesTheSet = (pkgs.extend (self: super: { linux_6_6 = super.linux_6_6.override { extraConfig = "A y"; }; })).linuxPackages_6_6.kernel.drvPath
    != pkgs.linuxPackages_6_6.kernel.drvPath;
  compilerOfStoreIsAnInput = builtins.hasContext (kernel.override { extraMakeFlags = [ "CC=${pkgs.writeShellScript "cc" ""}" ]; }).configfile.CC;
  overrideCC = (pkgs.linux_debian.override { stdenv = pkgs.overrideCC pkgs.stdenv pkgs.clang; }).makeFlags != pkgs.linux_debian.makeFlags;
  extend = (pkgs.linuxPackages_debian.extend (self: super: { new = self.kernel.version; })).new == kernel.version;
  mirrors = pkgs.linux_6_12.src.urls == map (base: "${base}linux/kernel/v6.x/linux-${pkgs.linux_6_12.version}.tar.xz")
    [ "https://cdn.kernel.org/pub/" "http://linux-kernel.uio.no/pub/" "ftp://ftp.funet.fi/pub/mirrors/ftp.kernel.org/pub/" ];
}
