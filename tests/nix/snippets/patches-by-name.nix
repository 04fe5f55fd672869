# SPDX-License-Identifier: GPL-2.0-or-later
# Patches of a package by name, and some without a name.
# kind: configuration
{ pkgs, lib, config, ... }: let patches = pkgs.runCommand "patch-set" { } "mkdir $out; cp ${./files/readme.patch} $out/0001-a.patch"; in {
  disabledModules = [ "profiles/all-hardware.nix" ];
  boot.kernelPatches = map (patch: { name = patch; patch = "${patches}/${patch}"; }) [ "0001-a.patch" ] ++ map (patch: { inherit patch; }) [ ./files/readme.patch ]
    ++ [ { name = "sifive"; patch = null; extraConfig = "SOC_SIFIVE y\nPCIE_FU740 y\n"; } ];
}
