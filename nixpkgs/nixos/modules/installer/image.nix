# SPDX-License-Identifier: GPL-2.0-or-later
# What the modules of installation media come down to here: the drivers for any machine. kernix makes kernels, initrds and boot
# entries for an installed distribution, no images.
{ lib, ... }:
let
  refuse = name: throw "system.build.${name}: kernix makes no images. Build `system` (or `vm`, to try it), and make it the next boot of an installed distribution with nixos-rebuild.";
in
{
  imports = [ ../profiles/all-hardware.nix ../profiles/base.nix ];
  system.build = lib.genAttrs [ "isoImage" "netbootRamdisk" "netbootIpxeScript" "kexecTree" ] (name: lib.mkDefault (refuse name));
}
