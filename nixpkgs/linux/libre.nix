# SPDX-License-Identifier: GPL-2.0-or-later
# linux-libre: a kernel whose source went through the deblob scripts of the FSFLA, which take out non-free parts.
{ lib, stdenvNoCC, base, facts, kernelPatches ? [ ], ... }@args:
let
  inherit (lib.versions) majorMinor major minor patch;
  version = base.version;
  scripts = stdenvNoCC.mkDerivation {
    name = "linux-libre-scripts-r${facts.scripts.rev}";
    outputHash = facts.scripts.hash;
    outputHashMode = "recursive";
    inherit (facts.scripts) url rev;
    buildCommand = ''
      if ! type -P svn >/dev/null; then echo "error: the linux-libre scripts are fetched with svn (Debian: apt-get install subversion)" >&2; exit 1; fi
      svn export --non-interactive --trust-server-cert -r "$rev" "$url" $out
    '';
    preferLocalBuild = true;
  };
  source = stdenvNoCC.mkDerivation {
    name = "linux-libre-${version}-src";
    inherit (base) src;
    phases = "unpackPhase buildPhase";
    buildPhase = ''
      cp ${scripts}/${majorMinor version}/deblob-${majorMinor version} ${scripts}/deblob-check .
      patchShebangs .
      PYTHON=python3 bash ./deblob-${majorMinor version} --force ${major version} ${minor version} ${toString (patch version)}
      cp -r . $out
    '';
  };
in
base.override {
  argsOverride = {
    pname = "linux-libre";
    modDirVersion = "${base.modDirVersion}-gnu${lib.optionalString (lib.versionOlder version "5.14") "1"}";
    src = source;
    isLibre = true;
    kernelPatches = (base.kernelPatches or [ ]) ++ kernelPatches;
  } // (args.argsOverride or { });
}
