# SPDX-License-Identifier: GPL-2.0-or-later
# The source tree of a kernel, unpacked and patched once: one store path that configuration, kernel and modules share.
# It is only unpacked and patched: whatever else were done to 80,000 files would cost every user.
{ lib, stdenvNoCC }:
{ version, src, patches ? [ ], prePatch ? "", postPatch ? "", patchFlags ? [ "-p1" ], randstructSeed ? "", sourceRoot ? null, unpackPhase ? null }:
stdenvNoCC.mkDerivation {
  name = "linux-source-${version}";
  inherit src patches prePatch postPatch patchFlags;
  ${if randstructSeed != "" then "randstructSeed" else null} = randstructSeed;
  ${if sourceRoot != null then "subfolder" else null} = sourceRoot;
  phases = "unpackPhase patchPhase";
  unpackPhase = if unpackPhase != null then unpackPhase else ''
    source ${./unpack-source.sh}
    unpackKernel "$src" "$out"
    sourceRoot=$out
  '';
  # Structure randomisation reads its seed from /dev/urandom unless it is given.
  postPatchHooks = lib.optionals (randstructSeed != "") [ "seedRandstruct" ];
  preferLocalBuild = true;
}
