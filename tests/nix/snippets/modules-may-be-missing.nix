# SPDX-License-Identifier: GPL-2.0-or-later
# The overlay that boards have, since the usual modules are not all in their kernels.
# kind: configuration
{ lib, pkgs, ... }: {
  nixpkgs.overlays = [ (final: super: { makeModulesClosure = x: super.makeModulesClosure (x // { allowMissing = true; }); }) ];
  boot.initrd.availableKernelModules = [ "sun4i-drm" "a_module_that_no_kernel_has" ];
  assertions = [
    { assertion = lib.hasInfix ''"name":"a_module_that_no_kernel_has","optional":true'' (pkgs.makeInitrd { modulesTree = pkgs.linux.modules; kernelModules = [ { name = "a_module_that_no_kernel_has"; by = "x"; } ]; }).spec; message = "the overlay reaches the initrd"; }
    { assertion = !(lib.hasInfix ''"optional":true'' ((import pkgs.path { }).makeInitrd { modulesTree = pkgs.linux.modules; kernelModules = [ { name = "m"; by = "x"; } ]; }).spec); message = "without it modules are needed"; }
  ];
}
