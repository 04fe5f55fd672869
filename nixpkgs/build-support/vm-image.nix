# SPDX-License-Identifier: GPL-2.0-or-later
# makeVmImage { system }: an ext4 file system (label nixos) with the closure of a store path and the folders that a root
# needs, as one file $out/root.img. Its /bin are the applets of guestTools and its /sbin/init is guestInit, for systems whose
# own stage 2 wants a root that has an init. The same inputs give the same bytes: fixed UUID, hash seed, times and owners.
#
#   system       store path whose closure goes in      label, uuid   of the file system
#   extraFree    MiB of room for the guest
{ lib, stdenvNoCC, buildPackages, guestTools, guestInit }:
{ name ? "vm-root", system, label ? "nixos", uuid ? "6b65726e-6978-4000-8000-6e69786f7331", extraFree ? 32 }:
stdenvNoCC.mkDerivation {
  inherit name label uuid;
  extraFree = toString extraFree;
  bootedSystem = system;
  inherit guestTools guestInit;
  exportReferencesGraph = [ "closure" system "tools" guestInit ];
  nativeBuildInputs = [ buildPackages.e2fsprogs ];
  preferLocalBuild = true;
  buildCommand = "source ${./vm-image.sh}";
}
