# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel whose environment, patches and outputs are changed.
# kind: configuration
{ pkgs, lib, config, ... }: {
  boot.kernelPackages = pkgs.linuxPackagesFor (pkgs.linux_latest.overrideAttrs (old: { env = (old.env or { }) // { KCFLAGS = "-march=znver1"; }; postPatch = (old.postPatch or "") + "true\n"; unsafeDiscardReferences = (old.unsafeDiscardReferences or { }) // { out = true; }; patches = old.patches ++ [ ./files/readme.patch ]; passthru = (old.passthru or { }) // { modules = null; }; }));
}
