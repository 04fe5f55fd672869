# SPDX-License-Identifier: GPL-2.0-or-later
# The source tree of a kernel, a store path that configuration, kernel and modules share: unpacked once a version, and
# what patches change as a tree on top of it, for which kernix only writes what they change (`overlayBase`, doc/architecture.md).
# It is only unpacked and patched: whatever else were done to 80,000 files would cost every user.
{ lib, stdenvNoCC }:
{ version, src, patches ? [ ], prePatch ? "", postPatch ? "", patchFlags ? [ "-p1" ], randstructSeed ? "", sourceRoot ? null, unpackPhase ? null }:
let
  tree = stdenvNoCC.mkDerivation {
    name = "linux-source-${version}";
    inherit src;
    ${if sourceRoot != null then "subfolder" else null} = sourceRoot;
    phases = "unpackPhase patchPhase";
    unpackPhase = if unpackPhase != null then unpackPhase else ''
      source ${./unpack-source.sh}
      unpackKernel "$src" "$out"
      sourceRoot=$out
    '';
    # A source that is a folder is the tree already.
    ${if unpackPhase == null then "overlayBase" else null} = src;
    preferLocalBuild = true;
  };
  patched = stdenvNoCC.mkDerivation {
    name = "linux-source-${version}";
    inherit patches prePatch postPatch;
    # What is below an overlay is read-only, and may be written all the same.
    patchFlags = patchFlags ++ [ "--read-only=ignore" ];
    ${if randstructSeed != "" then "randstructSeed" else null} = randstructSeed;
    overlayBase = tree;
    phases = "unpackPhase patchPhase";
    unpackPhase = ''
      source ${./unpack-source.sh}
      takeKernel "$overlayBase" "$out"
      sourceRoot=$out
    '';
    # Structure randomisation reads its seed from /dev/urandom unless it is given.
    postPatchHooks = lib.optionals (randstructSeed != "") [ "seedRandstruct" ];
    preferLocalBuild = true;
    passthru = { inherit src; unpatched = tree; };
  };
in
if patches == [ ] && prePatch == "" && postPatch == "" && randstructSeed == "" then tree else patched
