# SPDX-License-Identifier: GPL-2.0-or-later
# Patches given through override in an extended set.
# kind: configuration
{ pkgs, lib, config, ... }: let
  withPatches = patches: pkgs.linuxPackages_6_12.extend (self: super: { kernel = super.kernel.override { kernelPatches = super.kernel.kernelPatches ++ patches; }; });
in { boot.kernelPackages = withPatches [ { name = "p"; patch = ./files/readme.patch; } ]; system.extraDependencies = [ config.boot.kernelPackages.kernel.configfile ]; }
