# SPDX-License-Identifier: GPL-2.0-or-later
# The layer of packages: the host's tools (host-tools.nix) and packages of Debian's archive (debian-packages.nix,
# firmware.nix).
# They run where things are built, so a cross-compiling set takes them from its native set; but the userland of guests
# runs on the machine that the set is for.
{ lib, isCross }:
final: previous:
let
  hostTools = import ./host-tools.nix { inherit lib; pkgs = final; };
  debian = import ./debian-packages.nix { inherit lib; pkgs = final; };
  firmware = import ./firmware.nix { inherit lib; pkgs = final; };
  names = hostTools // debian // firmware // { firmwareLinuxNonfree = final.linux-firmware; };
in
if !isCross then names
else builtins.mapAttrs (name: _: final.buildPackages.${name}) names // { inherit (debian) busybox-static busybox pkgsStatic; }
