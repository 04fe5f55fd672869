# SPDX-License-Identifier: GPL-2.0-or-later
# Patches in argsOverride.
# kind: configuration
{ config, pkgs, ... }: {
  boot.kernelPackages = pkgs.linuxPackagesFor (pkgs.linux_6_12.override { argsOverride = { kernelPatches = [ { name = "mute-led"; patch = ./files/readme.patch; } ]; }; });
}
