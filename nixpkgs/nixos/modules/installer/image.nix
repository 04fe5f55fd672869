# SPDX-License-Identifier: GPL-2.0-or-later
# What the modules of installation media come down to here: the drivers for any machine, and no image.
{
  imports = [
    ../profiles/all-hardware.nix
    ../profiles/base.nix
    (import ./no-image.nix { names = [ "isoImage" "netbootRamdisk" "netbootIpxeScript" "kexecTree" "kexecScript" "kexecTarball" ]; what = "The installation image (isoImage, netboot)"; })
  ];
}
