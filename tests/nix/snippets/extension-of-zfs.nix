# SPDX-License-Identifier: GPL-2.0-or-later
# kernelPackagesExtensions: a patch for the modules that boot.zfs.package names.
# kind: configuration
{ pkgs, config, ... }: {
  nixpkgs.overlays = [ (_: prev: { kernelPackagesExtensions = prev.kernelPackagesExtensions ++ [ (_: prev: let pkgName = config.boot.zfs.package.kernelModuleAttribute; in {
    ${pkgName} = prev.${pkgName}.overrideAttrs (prev: { patches = prev.patches or [ ] ++ [ (pkgs.writeText "issue-1" "x") ]; });
  }) ]; }) ];
  boot.extraModulePackages = [ config.boot.kernelPackages.${config.boot.zfs.package.kernelModuleAttribute} ];
}
