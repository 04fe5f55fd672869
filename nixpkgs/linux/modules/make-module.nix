# SPDX-License-Identifier: GPL-2.0-or-later
# mkKernelModule: stdenv.mkDerivation for an out-of-tree module. It fills in what nearly all of them need: the kernel's
# build dependencies and flags, KDIR and its relatives, and an install step that puts every .ko that was built into
# lib/modules/V/updates (or runs kbuild's own, with kbuildInstall). minKernel and maxKernel (exclusive) mark as broken.
{ lib, pkgs, kernel }:
{ pname, version, src, minKernel ? null, maxKernel ? null, makeFlags ? [ ], nativeBuildInputs ? [ ], kbuildInstall ? false
, moduleFolder ? "updates", passthru ? { }, meta ? { }, ... }@args:
let
  folder = "${kernel.dev}/lib/modules/${kernel.modDirVersion}";
  tooOld = minKernel != null && lib.versionOlder kernel.version minKernel;
  tooNew = maxKernel != null && lib.versionAtLeast kernel.version maxKernel;
in
kernel.stdenv.mkDerivation (removeAttrs args [ "minKernel" "maxKernel" "kbuildInstall" "moduleFolder" "passthru" "meta" ] // {
  name = "${pname}-${version}-${kernel.modDirVersion}";
  nativeBuildInputs = kernel.moduleBuildDependencies ++ nativeBuildInputs;
  hardeningDisable = [ "pic" "format" ];
  makeFlags = kernel.commonMakeFlags ++ [
    "KERNELRELEASE=${kernel.modDirVersion}"
    "KVERSION=${kernel.modDirVersion}"
    "KVER=${kernel.modDirVersion}"
    "KDIR=${folder}/build"
    "KERNEL_DIR=${folder}/build"
    "KERNELDIR=${folder}/build"
    "KERNEL_SRC=${folder}/build"
    "KSRC=${folder}/build"
    "INSTALL_MOD_PATH=$(out)"
  ] ++ makeFlags;
  dontStrip = args.dontStrip or false;
  installPhase = args.installPhase or (if kbuildInstall then ''
    runHook preInstall
    make -C ${folder}/build M="$PWD" INSTALL_MOD_PATH=$out DEPMOD=true ${lib.concatStringsSep " " kernel.commonMakeFlags} modules_install
    rm -f $out/lib/modules/*/modules.*
    runHook postInstall
  '' else ''
    runHook preInstall
    destination=$out/lib/modules/${kernel.modDirVersion}/${moduleFolder}
    mkdir -p "$destination"
    if [ -z "$(find . -name '*.ko' -print -quit)" ]; then echo "error: the build of $name made no .ko file" >&2; exit 1; fi
    find . -name '*.ko' -exec cp -t "$destination" {} +
    runHook postInstall
  '');
  passthru = { forKernel = kernel.modDirVersion; inherit kernel; } // passthru;
  meta = {
    platforms = lib.platforms.linux or [ ];
    onAnyLinux = !(meta ? platforms);
    broken = tooOld || tooNew;
  } // lib.optionalAttrs (tooOld || tooNew) {
    brokenReason = "${pname} ${version} is for kernels ${lib.optionalString (minKernel != null) "from ${minKernel} "}${lib.optionalString (maxKernel != null) "before ${maxKernel}"}, this one is ${kernel.version}";
  } // meta;
})
