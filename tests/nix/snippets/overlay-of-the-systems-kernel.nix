# SPDX-License-Identifier: GPL-2.0-or-later
# An overlay of the system's own kernel; other demands on its configuration.
# kind: configuration
{ lib, config, pkgs, ... }: {
  nixpkgs.overlays = [ (self: super: { apparmor = pkgs.linuxPackagesFor (config.boot.kernelPackages.kernel.override { structuredExtraConfig = with lib.kernel; { SECURITY_APPARMOR = yes; AUDIT = yes; }; ignoreConfigErrors = true; }); }) ];
  system.requiredKernelConfig = lib.mkForce (map config.lib.kernelConfig.isEnabled [ "DEVTMPFS" "CGROUPS" ]);
}
