# SPDX-License-Identifier: GPL-2.0-or-later
# NVIDIA's open kernel modules.
{ lib, pkgs, kernel, mkKernelModule, version, hash }:
let
  folder = "${kernel.dev}/lib/modules/${kernel.modDirVersion}";
  # nvidiaPackages.stable.open is how configurations name the open modules of a driver; here there are no others.
  module = mkKernelModule {
    passthru = { open = module; };
    pname = "nvidia-open";
    inherit version;
    src = pkgs.fetchFromGitHub { owner = "NVIDIA"; repo = "open-gpu-kernel-modules"; rev = version; inherit hash; };
    makeFlags = [
      "IGNORE_PREEMPT_RT_PRESENCE=1"
      "SYSSRC=${folder}/source"
      "SYSOUT=${folder}/build"
      "MODLIB=$(out)/lib/modules/${kernel.modDirVersion}"
      "DATE="
      "TARGET_ARCH=${kernel.stdenv.hostPlatform.parsed.cpu.name}"
    ];
    buildFlags = [ "modules" ];
    enableParallelBuilding = true;
    moduleFolder = "kernel/drivers/video";
    meta = { description = "NVIDIA's open GPU kernel modules"; platforms = [ "x86_64-linux" "aarch64-linux" ]; };
  };
in
module
