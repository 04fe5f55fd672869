# SPDX-License-Identifier: GPL-2.0-or-later
# A module with kernel.commonMakeFlags and installTargets.
with import <nixpkgs> { }; linuxPackages_debian_bin.callPackage ({ nix-update-script, stdenv, lib, kernel }: stdenv.mkDerivation (finalAttrs: {
  pname = "i915-sriov"; version = "2026"; src = ./files/hello; hardeningDisable = [ "pic" "format" ]; nativeBuildInputs = kernel.moduleBuildDependencies; enableParallelBuilding = true;
  KSRC = "${kernel.dev}/lib/modules/${kernel.modDirVersion}/build"; INSTALL_MOD_PATH = placeholder "out";
  makeFlags = kernel.commonMakeFlags or kernel.makeFlags; preBuild = ''makeFlags="$makeFlags -C ${finalAttrs.KSRC} M=$(pwd)"'';
  installTargets = [ "modules_install" ]; passthru.updateScript = nix-update-script { extraArgs = [ "--version" "branch" ]; };
  meta = { maintainers = with lib.maintainers; [ xddxdd ]; license = lib.licenses.gpl3Only; platforms = [ "x86_64-linux" ]; };
})) { }
