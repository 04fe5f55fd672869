# SPDX-License-Identifier: GPL-2.0-or-later
# bcachefs on a kernel that does not have it.
# kind: configuration
# says: fileSystems."/": bcachefs is not part of Linux
{ pkgs, ... }: { boot.supportedFilesystems = [ "bcachefs" ]; boot.kernelPackages = pkgs.linuxPackages_latest; fileSystems."/" = { device = "/dev/a:/dev/b"; fsType = "bcachefs"; }; }
