# SPDX-License-Identifier: GPL-2.0-or-later
# kernelPackagesExtensions: another postPatch for a module.
# kind: configuration
{ pkgs, config, ... }: {
  nixpkgs.overlays = [ (_: prev: { kernelPackagesExtensions = prev.kernelPackagesExtensions ++ [ (_: linuxPrev: {
    digimend = linuxPrev.digimend.overrideAttrs (prevAttrs: { postPatch = prevAttrs.postPatch or "" + ''
      substituteInPlace "hid-uclogic-core.c" --replace-fail "del_timer_sync" "timer_shutdown_sync"
    ''; });
  }) ]; }) ];
  boot.extraModulePackages = [ config.boot.kernelPackages.digimend ];
}
