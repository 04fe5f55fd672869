# SPDX-License-Identifier: GPL-2.0-or-later
# A root on an array.
# kind: configuration
{ boot.swraid = { enable = true; mdadmConf = "ARRAY /dev/md0"; }; fileSystems."/" = { device = "/dev/md0"; fsType = "xfs"; }; boot.initrd.services.lvm.enable = true; services.lvm.boot.thin.enable = true; }
