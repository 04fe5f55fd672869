{ stdenv, lib, fetchDeb, debLock, kernel, kmod }:

stdenv.mkDerivation rec {
  pname = "v4l2loopback";
  version = "0.12.7";

  src = fetchDeb ({ package = "v4l2loopback-dkms"; } // debLock.v4l2loopback-dkms);

  sourceRoot = "v4l2loopback-${version}";
  # strlcpy went away in 6.8.
  postPatch = "sed -i 's/\\bstrlcpy(/strscpy(/' *.c";
  hardeningDisable = [ "pic" "format" ];                                             # 1
  nativeBuildInputs = kernel.moduleBuildDependencies;                       # 2

  makeFlags = [
    "KERNELRELEASE=${kernel.modDirVersion}"                                 # 3
    "KERNEL_DIR=${kernel.dev}/lib/modules/${kernel.modDirVersion}/build"    # 4
    "INSTALL_MOD_PATH=$(out)"                                               # 5
  ];

  meta = {
    description = "A kernel module to create V4L2 loopback devices";
    homepage = "https://github.com/umlaeute/v4l2loopback";
    license = lib.licenses.gpl2;
    maintainers = [ lib.maintainers.makefu ];
    platforms = lib.platforms.linux;
  };
}
