# SPDX-License-Identifier: GPL-2.0-or-later
# A module from a file that must be added by hand.
with import <nixpkgs> { }; linuxPackages.callPackage ({ stdenv, lib, kernel, requireFile, rpmextract }: stdenv.mkDerivation {
  pname = "hvb"; version = "0.1.0"; src = requireFile { name = "x.rpm"; sha256 = "nJArwJ+mi6YM5E7RNk87ETZf0hhZ/oQxgXsNA03e3uE="; url = "https://example.org/x"; };
  nativeBuildInputs = kernel.moduleBuildDependencies ++ [ rpmextract ]; hardeningDisable = [ "pic" "format" ];
  postPatch = ''substituteInPlace Makefile --replace '/lib/modules/$(KERNEL)/build' '${kernel.dev}/lib/modules/${kernel.modDirVersion}/build' --replace '$(shell uname -r)' '${kernel.modDirVersion}' '';
  makeFlags = [ "KERNEL=${kernel.modDirVersion}" ]; installPhase = ''install -Dm644 x.ko "$out/lib/modules/${kernel.modDirVersion}/extra/x.ko"'';
  meta = { description = "x"; platforms = [ "x86_64-linux" ]; license = lib.licenses.gpl2; };
}) { }
