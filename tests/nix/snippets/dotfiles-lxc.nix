# SPDX-License-Identifier: GPL-2.0-or-later
# A container.
# kind: configuration
{ modulesPath, ... }: { imports = [ (modulesPath + "/virtualisation/proxmox-lxc.nix") ]; proxmoxLXC.manageNetwork = true; services.openssh.enable = true; virtualisation.docker.enable = true; }
