# SPDX-License-Identifier: GPL-2.0-or-later
# The overlay that lets modules be missing.
# kind: configuration
{ pkgs, ... }: { nixpkgs.overlays = [ (final: super: { makeModulesClosure = x: super.makeModulesClosure (x // { allowMissing = true; }); }) ]; boot.initrd.availableKernelModules = [ "xhci_pci" ]; }
