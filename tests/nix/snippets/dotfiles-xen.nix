# SPDX-License-Identifier: GPL-2.0-or-later
# A host of Xen.
# kind: configuration
# says: virtualisation.xen.enable: no boot entry starts the hypervisor
{ pkgs, ... }: { virtualisation.xen = { enable = true; dom0Resources.memory = 1024; }; boot.kernelPackages = pkgs.linuxPackages_xen_dom0; }
