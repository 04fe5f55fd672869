# SPDX-License-Identifier: GPL-2.0-or-later
# A node of k3s.
# kind: configuration
{ pkgs, ... }: { services.k3s = { enable = true; role = "server"; extraFlags = toString [ "--debug" ]; }; boot.kernelModules = [ "rbd" "br_netfilter" ]; services.openiscsi = { enable = true; name = "iqn.2016-04.com.open-iscsi:x"; }; }
