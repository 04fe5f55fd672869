# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel of a source that is made, with overrideAttrs that changes nothing.
# kind: configuration
{ lib, config, pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackagesFor ((pkgs.callPackage ({ buildLinux, ... }@args: buildLinux (args // rec {
  src = pkgs.runCommand "src" { } "mkdir $out; printf 'VERSION = 6\nPATCHLEVEL = 9\nSUBLEVEL = 1\nEXTRAVERSION = -rc2\n' > $out/Makefile"; version = "6.9.1-rc2"; modDirVersion = version; extraMeta = { platforms = [ "aarch64-linux" "x86_64-linux" ]; hydraPlatforms = [ "" ]; };
} // (args.argsOverride or { }))) { }).overrideAttrs (old: { })); }
