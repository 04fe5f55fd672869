# SPDX-License-Identifier: GPL-2.0-or-later
# Modules whose sources Debian has, in main, contrib or non-free: they need no forge. `either` takes Debian's source for
# Debian's own kernels only, for those that nixpkgs has from elsewhere.
{ lib, pkgs, kernel, dkms, either, buildIn, buildWith, mkKernelModule }:
let
  folder = "${kernel.dev}/lib/modules/${kernel.modDirVersion}";
  x86 = [ "x86_64-linux" "i686-linux" ];
in
{
  # Broadcom's own driver is a binary without source around which a little is compiled.
  broadcom_sta = dkms "broadcom-sta-dkms" {
    buildPhase = buildIn "";
    meta = { description = "Broadcom's wireless driver (wl)"; license = lib.licenses.unfreeRedistributable or { free = false; }; platforms = x86; };
  };
  lenovo-legion-module = either
    (dkms "lenovolegionlinux-dkms" { buildPhase = buildIn ""; minKernel = "6.3"; moduleFolder = "kernel/drivers/platform/x86"; })
    (mkKernelModule {
      pname = "lenovo-legion-module";
      version = "0.0.20-unstable-2025-07-11";
      src = pkgs.fetchFromGitHub { owner = "johnfanv2"; repo = "LenovoLegionLinux"; rev = "f559df04cc0705b2b181dfd0404110a4d1d6e2a9"; hash = "sha256-WXGDlykH6aBUVotmDcGZ8Y/zC8iBAv57u3hXRnfTaSo="; };
      buildPhase = buildIn "/kernel_module";
      minKernel = "5.15";
      moduleFolder = "kernel/drivers/platform/x86";
      meta = { description = "Fans and power of Lenovo Legion laptops"; homepage = "https://github.com/johnfanv2/LenovoLegionLinux"; };
    });
  vhba = dkms "vhba-dkms" { buildPhase = buildIn ""; meta.description = "Virtual drives for CDEmu"; };
  yt6801 = dkms "yt6801-dkms" { buildPhase = buildIn ""; meta.description = "Motorcomm YT6801 Ethernet"; };
  dpdk-kmods = dkms "dpdk-kmods-dkms" { buildPhase = buildIn ""; meta.description = "User space drivers of DPDK (igb_uio)"; };
  virtualbox = dkms "virtualbox-dkms" {
    buildPhase = buildWith "KERN_DIR=${folder}/build KERN_VER=${kernel.modDirVersion}" "";
    moduleFolder = "misc";
    meta = { description = "Kernel modules of VirtualBox's host"; platforms = [ "x86_64-linux" ]; };
  };
  # With B.A.T.M.A.N.'s own newest release; the kernel has one, too (CONFIG_BATMAN_ADV).
  batman_adv = mkKernelModule {
    pname = "batman-adv";
    version = "2025.1";
    src = pkgs.fetchurl { url = "https://downloads.open-mesh.org/batman/releases/batman-adv-2025.1/batman-adv-2025.1.tar.gz"; hash = "sha256-A61CkpeWH7Os2cLIBkMtA3sO16rA8KHmReMq9SELmOE="; };
    makeFlags = [ "KERNELPATH=${folder}/build" ];
    meta = { description = "B.A.T.M.A.N. advanced, mesh networks on layer 2"; homepage = "https://www.open-mesh.org"; };
  };
  # The program that reads the module is built and installed beside it.
  corefreq = mkKernelModule {
    pname = "corefreq";
    version = "2.0.9";
    src = pkgs.fetchFromGitHub { owner = "cyring"; repo = "CoreFreq"; rev = "2.0.9"; hash = "sha256-SD3/3j8kIpxRA3Z0zxnkKczkBqJUzn40cTbllwIFrgc="; };
    postInstall = "mkdir -p $out/bin && cp build/corefreqd build/corefreq-cli $out/bin/";
    meta = { description = "Looks at processors closely"; mainProgram = "corefreq-cli"; platforms = [ "x86_64-linux" "aarch64-linux" ]; };
  };
  gasket = mkKernelModule {
    pname = "gasket";
    version = "1.0-18-unstable-2024-04-25";
    src = pkgs.fetchFromGitHub { owner = "google"; repo = "gasket-driver"; rev = "5815ee3908a46a415aac616ac7b9aedcb98a504c"; sha256 = "O17+msok1fY5tdX1DvqYVw6plkUDF25i8sqwd6mxYf8="; };
    patches = [
      (pkgs.fetchpatch2 { name = "linux-6.12-compat.patch"; url = "https://github.com/google/gasket-driver/commit/4b2a1464f3b619daaf0f6c664c954a42c4b7ce00.patch"; hash = "sha256-UOoOSEnpUMa4QXWVFpGFxBoF5szXaLEfcWtfKatO5XY="; })
      (pkgs.fetchpatch2 { name = "linux-6.13-compat.patch"; url = "https://github.com/google/gasket-driver/commit/6fbf8f8f8bcbc0ac9c9bef7a56f495a2c9872652.patch"; hash = "sha256-roCo0/ETWuDVtZfbpFbrmy/icNI12A/ozOGQNLTtBUs="; })
    ];
    buildPhase = buildIn "/src";
    minKernel = "5.15";
    meta.description = "Coral's accelerators (gasket, apex)";
  };
  # Part of the kernel from 5.16 on: null, so that lists may name it for every kernel.
  rtw89 = if lib.versionOlder kernel.version "5.16" then mkKernelModule {
    pname = "rtw89";
    version = "unstable-2021-10-21";
    src = pkgs.fetchFromGitHub { owner = "lwfinger"; repo = "rtw89"; rev = "0684157cba90e36bff5bc61a59e7e87c359b5e5c"; sha256 = "0cvawyi1ksw9xkr8pzwipsl7b8hnmrb17w5cblyicwih8fqaw632"; };
    buildPhase = buildIn "";
    minKernel = "5.4";
    moduleFolder = "kernel/drivers/net/wireless/realtek/rtw89";
    meta.description = "Realtek 802.11ax wireless";
  } else null;
}
