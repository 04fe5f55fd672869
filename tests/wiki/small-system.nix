# SPDX-License-Identifier: GPL-2.0-or-later
# What the systems around small kernels have in common: nothing that such a kernel does not have.
{
  boot.kernelParams = [ "quiet" ];
  boot.initrd.includeDefaultModules = false;
  fileSystems."/" = { device = "LABEL=nixos"; fsType = "ext4"; };
}
