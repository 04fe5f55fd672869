# SPDX-License-Identifier: GPL-2.0-or-later
# What Nix accepts in silence and nobody means: an argument of nearly the right name, a line of a .config in extraConfig.
# kind: configuration
# says: the argument 'structuredExtraconfig' has no effect; did you mean 'structuredExtraConfig'?
# says: '# CONFIG_DEBUG_INFO is not set' is a comment here and has no effect; write 'DEBUG_INFO n'
{ lib, pkgs, ... }:
{
  boot.kernelPackages = pkgs.linuxPackagesFor (pkgs.linux_zen.override {
    structuredExtraconfig = { IKCONFIG = lib.kernel.yes; };
  });
  boot.kernelPatches = [ {
    name = "mine";
    patch = null;
    extraConfig = ''
      # CONFIG_DEBUG_INFO is not set
    '';
  } ];
}
