# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel set with priority, modules by default.
# kind: configuration
{ pkgs, config, lib, ... }: { boot.kernelPackages = lib.lowPrio pkgs.linuxPackages_6_12; boot.extraModulePackages = with config.boot.kernelPackages; lib.mkDefault [ xpadneo ]; boot.initrd.secrets."/crypto_keyfile.bin" = null; }
