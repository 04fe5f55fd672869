# SPDX-License-Identifier: GPL-2.0-or-later
# systemd's stub for unified kernel images, of Debian's pinned package systemd-boot-efi: linuxx64.efi.stub and nothing else.
{ stdenv, debLock, fetchDeb }:
stdenv.mkDerivation {
  name = "uki-stub";
  deb = fetchDeb ({ package = "systemd-boot-efi"; } // debLock.systemd-boot-efi or (throw "the Debian package 'systemd-boot-efi' is not pinned: run tools/debian-lock.sh systemd-boot-efi"));
  preferLocalBuild = true;
  buildCommand = ''
    mkdir -p tree $out
    dpkg-deb --fsys-tarfile $deb | tar -x -C tree --no-same-owner
    cp tree/usr/lib/systemd/boot/efi/linux*.efi.stub $out/
  '';
  meta.description = "systemd's stub for unified kernel images";
}
