# SPDX-License-Identifier: GPL-2.0-or-later
# A container: its kernel is the host's.
{ lib, ... }:
{
  imports = [ (import ../installer/no-image.nix { names = [ "tarball" ]; }) ];
  boot.isContainer = true;
  boot.kernel.enable = lib.mkDefault false;
}
