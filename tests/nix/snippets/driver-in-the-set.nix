# SPDX-License-Identifier: GPL-2.0-or-later
# Another driver of nvidiaPackages as the one that is stable.
# kind: configuration
{ pkgs, config, ... }: {
  nixpkgs.config.allowUnfree = true;
  nixpkgs.overlays = [ (self: super: { linuxPackages_latest = super.linuxPackages_latest.extend (selfnv: supernv: { nvidiaPackages = supernv.nvidiaPackages // { stable = supernv.nvidiaPackages.latest; }; nvidia_x11 = selfnv.nvidiaPackages.stable; }); }) ];
  boot.kernelPackages = pkgs.linuxPackages_latest; boot.extraModulePackages = [ config.boot.kernelPackages.nvidiaPackages.stable ];
}
