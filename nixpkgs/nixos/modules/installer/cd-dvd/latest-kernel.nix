# SPDX-License-Identifier: GPL-2.0-or-later
# The newest kernel in place of the usual one.
{ lib, pkgs, ... }:
{ boot.kernelPackages = lib.mkOverride 990 pkgs.linuxPackages_latest; }
