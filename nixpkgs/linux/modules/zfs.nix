# SPDX-License-Identifier: GPL-2.0-or-later
# OpenZFS's kernel modules, configured against the kernel's development output.
{ lib, pkgs, kernel, mkKernelModule, version, hash, maxKernel, minKernel ? "4.18" }:
let folder = "${kernel.dev}/lib/modules/${kernel.modDirVersion}";
in
mkKernelModule {
  pname = "zfs-kernel";
  inherit version minKernel maxKernel;
  src = pkgs.fetchFromGitHub { owner = "openzfs"; repo = "zfs"; rev = "zfs-${version}"; inherit hash; };
  nativeBuildInputs = with pkgs.buildPackages; [ autoconf automake libtool perl ];
  preConfigure = "./autogen.sh";
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
