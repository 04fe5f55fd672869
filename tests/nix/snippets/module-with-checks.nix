# SPDX-License-Identifier: GPL-2.0-or-later
# A module with update script, hooks and names of a shell.
with import <nixpkgs> { }; linuxPackages_latest.callPackage ({ lib, stdenv, fetchFromGitLab, bash, gitUpdater, kernel, kernelModuleMakeFlags, kmod, pahole, udevCheckHook }: stdenv.mkDerivation (finalAttrs: {
  pname = "tuxedo-drivers-${kernel.version}"; version = "4.20.1";
  src = fetchFromGitLab { owner = "development/packages"; repo = "tuxedo-drivers"; rev = "v${finalAttrs.version}"; hash = lib.fakeHash; group = "tuxedocomputers"; };
  patches = [ ./files/readme.patch ]; nativeBuildInputs = [ kmod udevCheckHook ] ++ kernel.moduleBuildDependencies; buildInputs = [ pahole ];
  makeFlags = kernelModuleMakeFlags ++ [ "KERNELRELEASE=${kernel.modDirVersion}" "KDIR=${kernel.dev}/lib/modules/${kernel.modDirVersion}/build" "INSTALL_MOD_PATH=${placeholder "out"}" ];
  postPatch = "substituteInPlace x --replace-fail /bin/bash ${lib.getExe bash}";
  passthru.updateScript = gitUpdater { rev-prefix = "v"; };
  meta = { broken = stdenv.hostPlatform.isAarch64 || (lib.versionOlder kernel.version "5.5"); description = "d"; license = lib.licenses.gpl3Plus; maintainers = [ lib.maintainers.aprl ]; platforms = lib.platforms.linux; };
})) { }
