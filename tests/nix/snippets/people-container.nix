# SPDX-License-Identifier: GPL-2.0-or-later
# A container.
# kind: configuration
{ modulesPath, lib, ... }: { imports = [ (modulesPath + "/virtualisation/proxmox-lxc.nix") ./hardware/scanned.nix ]; proxmoxLXC.manageNetwork = true; }
