# SPDX-License-Identifier: GPL-2.0-or-later
# A tunnel and what forwards for it.
# kind: configuration
{ config, pkgs, ... }: { networking.nat = { enable = true; externalInterface = "eth0"; internalInterfaces = [ "wg0" ]; }; networking.firewall.allowedUDPPorts = [ 51820 ]; networking.wireguard.interfaces.wg0 = { ips = [ "10.100.0.1/24" ]; listenPort = 51820; postSetup = "${pkgs.iptables}/bin/iptables -t nat -A POSTROUTING -s 10.100.0.0/24 -o eth0 -j MASQUERADE"; privateKeyFile = "/k"; peers = [ { publicKey = "x"; allowedIPs = [ "10.100.0.2/32" ]; } ]; }; }
