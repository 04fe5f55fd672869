# SPDX-License-Identifier: GPL-2.0-or-later
# nvidiaPackages: NVIDIA's driver by branch, each with its open modules as `open` where there are some. A new version is its hashes here.
{ lib, pkgs, callPackage }:
let
  mkDriver = callPackage ./nvidia-x11.nix { };
  aur = name: rev: hash: pkgs.fetchgit { url = "https://aur.archlinux.org/${name}.git"; inherit rev hash; };
  of470 = aur "nvidia-470xx-utils" "7c1c2c124147d960a6c7114eb26a4eadae9b9f3d" "sha256-sNW+I4dkPSudfORLEp1RNGHyQKWBYnBEeGrfJU7SYTs=";
  of340 = pkgs.fetchFromGitHub { owner = "archlinux-jerry"; repo = "nvidia-340xx"; rev = "7616dfed253aa93ca7d2e05caf6f7f332c439c90"; hash = "sha256-1qlYc17aEbLD4W8XXn1qKryBk2ltT6cVIv5zAs0jXZo="; };
  without = names: reason: lib.genAttrs names (name: throw "nvidiaPackages.${name} is not in this package set (${reason}): write nvidiaPackages.mkDriver { version = ...; sha256_64bit = ...; openSha256 = ...; }, or take the distribution's own package");
in
lib.makeExtensible (set: {
  inherit mkDriver;
  generic = mkDriver;
  production = mkDriver {
    version = "580.119.02";
    sha256_64bit = "sha256-gCD139PuiK7no4mQ0MPSr+VHUemhcLqerdfqZwE47Nc=";
    sha256_aarch64 = "sha256-eYcYVD5XaNbp4kPue8fa/zUgrt2vHdjn6DQMYDl0uQs=";
    openSha256 = "sha256-l3IQDoopOt0n0+Ig+Ee3AOcFCGJXhbH1Q1nh1TEAHTE=";
  };
  latest = mkDriver {
    version = "590.48.01";
    sha256_64bit = "sha256-ueL4BpN4FDHMh/TNKRCeEz3Oy1ClDWto1LO/LWlr1ok=";
    sha256_aarch64 = "sha256-FOz7f6pW1NGM2f74kbP6LbNijxKj5ZtZ08bm0aC+/YA=";
    openSha256 = "sha256-hECHfguzwduEfPo5pCDjWE/MjtRDhINVr4b1awFdP44=";
  };
  stable = set.production;
  new_feature = set.latest;
  # No beta is newer than these.
  beta = set.latest;
  legacy_580 = set.production;
  legacy_535 = mkDriver {
    version = "535.274.02";
    sha256_64bit = "sha256-O071TwaZHm3/94aN3nl/rZpFH+5o1SZ9+Hyivo5/KTs=";
    sha256_aarch64 = "sha256-PgHcrqGf4E+ttnpho+N8SKsMQxnZn29fffHXGbeAxRw=";
    openSha256 = "sha256-4KRHuTxlU0GT/cWf/j3aR7VqWpOez1ssS8zj/pYytes=";
  };
  legacy_470 = mkDriver {
    version = "470.256.02";
    sha256_64bit = "sha256-1kUYYt62lbsER/O3zWJo9z6BFowQ4sEFl/8/oBNJsd4=";
    sha256_aarch64 = "sha256-e+QvE+S3Fv3JRqC9ZyxTSiCu8gJdZXSz10gF/EN6DY0=";
    patches = map (name: "${of470}/${name}.patch") [
      "0001-Fix-conftest-to-ignore-implicit-function-declaration" "0002-Fix-conftest-to-use-a-short-wchar_t" "0003-Fix-conftest-to-use-nv_drm_gem_vmap-which-has-the-se"
      "nvidia-470xx-fix-gcc-15" "kernel-6.10" "kernel-6.12"
      "nvidia-470xx-fix-linux-6.13" "nvidia-470xx-fix-linux-6.14" "nvidia-470xx-fix-linux-6.15" "nvidia-470xx-fix-linux-6.17"
    ];
    patchFlags = [ "-p1" "--directory=kernel" ];
    maxKernel = "6.18";
  };
  legacy_390 = mkDriver { version = "390.157"; sha256_64bit = "sha256-W+u8puj+1da52BBw+541HxjtxTSVJVPL3HHo/QubMoo="; maxKernel = "6.2"; };
  legacy_340 = mkDriver {
    version = "340.108";
    sha256_64bit = "sha256:06xp6c0sa7v1b82gf0pq0i5p0vdhmm3v964v0ypw36y0nzqx8wf6";
    patches = map (name: "${of340}/${name}.patch") [
      "0001-kernel-5.7" "0002-kernel-5.8" "0003-kernel-5.9" "0004-kernel-5.10" "0005-kernel-5.11" "0006-kernel-5.14" "0007-kernel-5.15" "0008-kernel-5.16"
      "0009-kernel-5.17" "0010-kernel-5.18" "0011-kernel-6.0" "0012-kernel-6.2" "0013-kernel-6.3" "0014-kernel-6.5" "0015-kernel-6.6"
    ];
    maxKernel = "6.7";
  };
} // without [ "vulkan_beta" "dc" "dc_520" "dc_535" "dc_565" "dc_570" "dc_590" ] "its versions change with those of CUDA or Vulkan")
