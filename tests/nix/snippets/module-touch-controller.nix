# SPDX-License-Identifier: GPL-2.0-or-later
# A module as nixpkgs has it.
with import <nixpkgs> { }; linuxPackages_latest.callPackage ({ lib, stdenv, fetchFromGitHub, kernel, kernelModuleMakeFlags }: stdenv.mkDerivation rec {
  pname = "ithc"; version = "0-unstable"; src = fetchFromGitHub { owner = "quo"; repo = "ithc-linux"; rev = "3453"; hash = lib.fakeHash; };
  nativeBuildInputs = kernel.moduleBuildDependencies; makeFlags = kernelModuleMakeFlags ++ [ "VERSION=${version}" "KDIR=${kernel.dev}/lib/modules/${kernel.modDirVersion}/build" ];
  postPatch = "sed -i ./Makefile -e '/depmod/d'"; installFlags = [ "INSTALL_MOD_PATH=${placeholder "out"}" ];
  meta = with lib; { description = "d"; homepage = "https://x"; license = licenses.publicDomain; maintainers = with maintainers; [ aacebedo ]; platforms = platforms.linux; broken = kernel.kernelOlder "5.9"; };
}) { }
