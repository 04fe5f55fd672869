# SPDX-License-Identifier: GPL-2.0-or-later
# What rescue systems have: modules and file systems of many machines.
{ lib, ... }:
{
  hardware.enableAllHardware = lib.mkDefault true;
  boot.supportedFilesystems = lib.genAttrs [ "btrfs" "cifs" "f2fs" "ntfs" "vfat" "xfs" ] (_: lib.mkDefault true);
}
