# SPDX-License-Identifier: GPL-2.0-or-later
# Android in a container.
# kind: configuration
{ pkgs, ... }: { virtualisation.waydroid.enable = true; virtualisation.lxd.enable = true; }
