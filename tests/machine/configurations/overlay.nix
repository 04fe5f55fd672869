# SPDX-License-Identifier: GPL-2.0-or-later
# An overlay is made of other file systems, of which nixos-generate-config cannot know which are to be its layers.
{ lib, ... }:
{
  fileSystems = lib.mkForce {
    "/".overlay = {
      lowerdir = [ "/ro" ];
      upperdir = "/rw/upper";
      workdir = "/rw/work";
    };
    "/ro" = {
      device = "/dev/vda3";
      fsType = "squashfs";
    };
    "/rw" = {
      device = "LABEL=changes";
      fsType = "ext4";
    };
    "/boot" = {
      device = "/dev/vda2";
      fsType = "ext4";
    };
  };
}
