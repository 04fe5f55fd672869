# SPDX-License-Identifier: GPL-2.0-or-later
# A container: no kernel of its own.
{ ... }:
{
  imports = [ (import ../installer/no-image.nix { names = [ "tarball" ]; }) ];
  boot.isContainer = true;
  boot.kernel.enable = false;
}
