# SPDX-License-Identifier: GPL-2.0-or-later
# Tunnels of many kinds.
# kind: configuration
{ services.tailscale = { enable = true; useRoutingFeatures = "both"; }; services.mullvad-vpn.enable = true; networking.networkmanager.enable = true; networking.wg-quick.interfaces.wg0 = { address = [ "10.0.0.2/24" ]; type = "amneziawg"; }; services.openvpn.servers.office.config = "config /x"; }
