# SPDX-License-Identifier: GPL-2.0-or-later
# linuxManualConfig with a .config that is read in Nix.
# kind: configuration
{ lib, pkgs, config, ... }: {
  boot.kernelPackages = pkgs.linuxPackagesFor (pkgs.linuxKernel.manualConfig {
    inherit (pkgs.linux_6_12) src version; configfile = ./files/kernel.config; allowImportFromDerivation = false;
    config = lib.listToAttrs (map (line: let match = lib.match "(.*)=\"?(.*)\"?" line; in { name = lib.elemAt match 0; value = lib.elemAt match 1; }) (lib.filter (line: !(lib.hasPrefix "#" line || line == "")) (lib.splitString "\n" (builtins.readFile ./files/kernel.config))));
  });
  boot.isContainer = false;
  system.build.x = config.boot.kernelPackages.kernel.config.isYes "MODULES";
}
