# SPDX-License-Identifier: GPL-2.0-or-later
# A module with its own configure and install steps.
with import <nixpkgs> { }; linuxPackages.callPackage ({ lib, stdenv, fetchFromGitHub, gitUpdater, kernel, kernelModuleMakeFlags }: let rev-prefix = "ena_linux_"; in stdenv.mkDerivation (finalAttrs: {
  version = "2.17.0"; pname = "ena"; name = "${finalAttrs.pname}-${finalAttrs.version}-${kernel.version}";
  src = fetchFromGitHub { owner = "amzn"; repo = "amzn-drivers"; rev = "${rev-prefix}${finalAttrs.version}"; hash = lib.fakeHash; };
  hardeningDisable = [ "pic" ]; nativeBuildInputs = kernel.moduleBuildDependencies; makeFlags = kernelModuleMakeFlags;
  env.KERNEL_BUILD_DIR = "${kernel.dev}/lib/modules/${kernel.modDirVersion}/build";
  configurePhase = "runHook preConfigure\ncd kernel/linux/ena\nrunHook postConfigure";
  installPhase = ''
    runHook preInstall
    $STRIP -S ena.ko
    dest=$out/lib/modules/${kernel.modDirVersion}/misc
    mkdir -p $dest && cp ena.ko $dest/ && xz $dest/ena.ko
    runHook postInstall
  '';
  passthru.updateScript = gitUpdater { inherit rev-prefix; };
  meta = with lib; { license = licenses.gpl2Only; maintainers = with maintainers; [ sielicki arianvp ]; platforms = platforms.linux; broken = kernel.kernelOlder "4.5"; };
})) { }
