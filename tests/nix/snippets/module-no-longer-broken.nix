# SPDX-License-Identifier: GPL-2.0-or-later
# A module of the set from another source and with its broken mark taken off.
# kind: configuration
{ config, pkgs, lib, ... }: {
  boot.kernelPackages = pkgs.linuxPackages_6_12.extend (_: prev: {
    zfs_unstable = prev.zfs_unstable.overrideAttrs (old: { name = "zfs-kernel-x-${prev.kernel.version}"; version = "x"; src = ./files/hello; patches = (old.patches or [ ]) ++ [ ./files/readme.patch ]; meta = old.meta // { broken = false; }; });
  });
  boot.extraModulePackages = [ config.boot.kernelPackages.zfs_unstable ];
  boot.zfs.package = pkgs.zfs_unstable.overrideAttrs (old: { name = "zfs-user-x"; patches = (old.patches or [ ]) ++ [ ]; meta = old.meta // { broken = false; }; });
}
