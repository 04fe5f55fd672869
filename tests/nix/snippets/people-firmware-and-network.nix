# SPDX-License-Identifier: GPL-2.0-or-later
# Networks and security.
# kind: configuration
{ config, pkgs, lib, ... }: { imports = [ ./hardware/scanned.nix ];
  networking = { hostName = "alf"; domain = "x.y"; extraHosts = "127.0.0.1 x"; wireguard.enable = true; wireguard.interfaces.wg0 = { ips = [ "10.0.0.1/24" ]; listenPort = 51820; privateKeyFile = "/k"; }; nat.enable = true; bridges.br0.interfaces = [ "e" ]; firewall.extraCommands = "${pkgs.iptables}/bin/iptables -A x"; hosts."1.1.1.1" = [ "a" ]; wireless.iwd.enable = true; tempAddresses = "disabled"; enableIPv6 = false; firewall.checkReversePath = "loose"; nftables.enable = true; timeServers = [ ]; modemmanager.enable = true; fqdn = "a.b"; search = [ ]; };
  security.acme.acceptTerms = true; security.sudo.extraRules = [ ]; security.polkit.enable = true; security.wrappers.x = { source = "${pkgs.foo}/x"; owner = "root"; group = "root"; }; security.tpm2.enable = true; security.allowUserNamespaces = true; security.doas.enable = true; security.pki.certificateFiles = [ ./ca.pem ]; security.loginDefs.settings = { }; security.lsm = [ "landlock" ];
}
