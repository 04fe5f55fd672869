# SPDX-License-Identifier: GPL-2.0-or-later
# File systems over the network.
# kind: configuration
{ boot.kernelModules = [ "rbd" "ceph" ]; fileSystems."/mnt" = { device = "a:/"; fsType = "ceph"; options = [ "name=x" "_netdev" ]; }; fileSystems."/nfs" = { device = "nas:/x"; fsType = "nfs"; options = [ "x-systemd.automount" "noauto" ]; }; services.rpcbind.enable = true; services.nfs.server.enable = true; services.cachefilesd.enable = true; services.multipath.enable = true; services.drbd.enable = true; services.target.enable = true; }
