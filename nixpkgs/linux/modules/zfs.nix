# SPDX-License-Identifier: GPL-2.0-or-later
# OpenZFS's kernel modules, configured against the kernel's development output.
{ lib, pkgs, kernel, mkKernelModule, version, hash ? null, maxKernel, minKernel ? "4.18"
, src ? pkgs.fetchFromGitHub { owner = "openzfs"; repo = "zfs"; rev = "zfs-${version}"; inherit hash; }
  # What people override in nixpkgs; the last one is the only one that means something for the modules.
, configFile ? "kernel", enableUnsupportedExperimentalKernel ? false, extraPatches ? [ ], removeLinuxDRM ? false, ... }:
let folder = "${kernel.dev}/lib/modules/${kernel.modDirVersion}";
in
mkKernelModule {
  pname = "zfs-kernel";
  inherit version minKernel src;
  maxKernel = if enableUnsupportedExperimentalKernel then null else maxKernel;
  patches = extraPatches;
  # With this the licence that the modules name is GPL, as it has to be for kernels whose DRM functions are for GPL modules only.
  postPatch = lib.optionalString removeLinuxDRM "sed -i -E '/^License:/s/CDDL/GPL/' META";
  # Debian's source package has its configure script; what a forge gives has to make it.
  nativeBuildInputs = with pkgs.buildPackages; if hash == null then [ dpkg perl ] else [ autoconf automake libtool perl ];
  ${if hash == null then null else "preConfigure"} = "./autogen.sh";
  configureFlags = [
    "--with-config=kernel"
    "--with-linux=${folder}/source"
    "--with-linux-obj=${folder}/build"
  ] ++ map (flag: "KERNEL_${flag}") kernel.commonMakeFlags;
  enableParallelBuilding = true;
  installFlags = [ "sysconfdir=$(out)/etc" "DEFAULT_INITCONF_DIR=$(out)/default" "INSTALL_MOD_PATH=$(out)" ];
  installPhase = "installPhase";
  meta = { description = "ZFS for Linux: kernel modules"; license = lib.licenses.cddl or { free = true; }; };
}
