# SPDX-License-Identifier: GPL-2.0-or-later
# The hardened profile and more of that kind.
# kind: configuration
{ config, pkgs, lib, modulesPath, ... }: {
  imports = [ ./hardware/scanned.nix "${modulesPath}/profiles/hardened.nix" ];
  security.protectKernelImage = true;
  boot.kernelPackages = lib.mkOverride 500 pkgs.linuxKernel.packages.linux_6_6_hardened;
  boot.kernel.sysctl."kernel.sysrq" = 0;
  security.lockKernelModules = true; security.apparmor.enable = true; security.auditd.enable = true; security.audit.enable = true;
  boot.kernelParams = [ "slab_nomerge" "init_on_alloc=1" "page_alloc.shuffle=1" "lockdown=confidentiality" ];
  security.virtualisation.flushL1DataCache = "always";
  security.unprivilegedUsernsClone = true;
}
