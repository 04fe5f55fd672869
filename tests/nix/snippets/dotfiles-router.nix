# SPDX-License-Identifier: GPL-2.0-or-later
# A router.
# kind: configuration
{ networking = { useDHCP = false; bridges.br0.interfaces = [ "eth1" "eth2" ]; vlans.vlan10 = { id = 10; interface = "eth0"; }; bonds.bond0 = { interfaces = [ "eth3" "eth4" ]; driverOptions.mode = "802.3ad"; }; nftables = { enable = true; ruleset = "table ip nat {}"; }; interfaces.br0.ipv4.addresses = [ { address = "10.0.0.1"; prefixLength = 24; } ]; firewall.connectionTrackingModules = [ "ftp" "tftp" ]; }; boot.kernel.sysctl."net.ipv4.conf.all.forwarding" = true; services.hostapd.enable = true; services.kea.dhcp4.enable = true; }
