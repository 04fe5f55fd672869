# SPDX-License-Identifier: GPL-2.0-or-later
# A host of VMware.
# kind: configuration
{ pkgs, ... }: { virtualisation.vmware.host.enable = true; virtualisation.vmware.host.extraPackages = with pkgs; [ ntfs3g ]; }
