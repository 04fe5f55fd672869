# SPDX-License-Identifier: GPL-2.0-or-later
# A version of NVIDIA's driver: the kernel modules of its archive (unfree), and as `open` those of the open sources of the same version. Programs and
# libraries come from the distribution, whose driver must be of this very version. Arguments are those of nixpkgs' mkDriver; what is for user space is taken and not used.
{ lib, pkgs, kernel, mkKernelModule, callPackage }:
{ version, sha256_64bit ? null, sha256_aarch64 ? null, openSha256 ? null, url ? null, patches ? [ ], patchesOpen ? [ ], patchFlags ? [ "-p1" ], prePatch ? null, postPatch ? null
, minKernel ? null, maxKernel ? null, broken ? false, ... }:
let
  folder = "${kernel.dev}/lib/modules/${kernel.modDirVersion}";
  arm = kernel.stdenv.hostPlatform.isAarch64 or false;
  hash = if arm then sha256_aarch64 else sha256_64bit;
  machine = if arm then "aarch64" else "x86_64";
  place = "Linux-${machine}/${version}/NVIDIA-Linux-${machine}-${version}.run";
  noOpen = throw "nvidiaPackages.mkDriver ${version}: there are no open kernel modules of this version; set hardware.nvidia.open = false, or give the hash of their source as openSha256";
  plainOpen = callPackage ./nvidia-open.nix { inherit version; hash = openSha256; };
  open = if openSha256 == null then noOpen else if patchesOpen == [ ] then plainOpen else plainOpen.overrideAttrs { patches = patchesOpen; };

  modules = mkKernelModule ({
    pname = "nvidia-x11";
    inherit version patches patchFlags minKernel maxKernel;
    src =
      if hash == null then throw "nvidiaPackages.mkDriver ${version}: NVIDIA's own kernel modules need the hash of their archive, sha256_${if arm then "aarch64" else "64bit"}; the open ones are `.open` of this package (hardware.nvidia.open = true)"
      else pkgs.fetchurl { url = if url != null then url else "https://us.download.nvidia.com/XFree86/${place}"; inherit hash; };
    unpackPhase = ''
      runHook preUnpack
      sh $src --extract-only --target source
      cd source
      runHook postUnpack
    '';
    makeFlags = [ "IGNORE_PREEMPT_RT_PRESENCE=1" "IGNORE_CC_MISMATCH=1" "SYSSRC=${folder}/source" "SYSOUT=${folder}/build" "NV_VERBOSE=1" ];
    buildPhase = ''
      runHook preBuild
      make -C kernel -j$NIX_BUILD_CORES $makeFlags modules
      runHook postBuild
    '';
    enableParallelBuilding = true;
    moduleFolder = "kernel/drivers/video";
    passthru = { inherit open; bin = modules; };
    meta = { description = "NVIDIA's kernel modules"; license = lib.licenses.unfree; freeInstead = "NVIDIA's open modules, for cards since Turing, are free: hardware.nvidia.open = true, or nvidia_open of the kernel's set."; platforms = [ "x86_64-linux" "aarch64-linux" ]; } // lib.optionalAttrs broken { inherit broken; };
  } // lib.optionalAttrs (prePatch != null) { inherit prePatch; } // lib.optionalAttrs (postPatch != null) { inherit postPatch; });
in
modules
