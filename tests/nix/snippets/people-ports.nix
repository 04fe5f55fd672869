# SPDX-License-Identifier: GPL-2.0-or-later
# Ports of services that are left to the distribution.
# kind: configuration
{ pkgs, lib, config, ... }: {
  imports = [ ./hardware/scanned.nix ];
  environment.systemPackages = with pkgs; [ neovim htop tailscale ];
  networking.firewall = { enable = true; trustedInterfaces = [ "tailscale0" ]; allowedUDPPorts = [ config.services.tailscale.port ]; allowedTCPPorts = [ 22 ]; };
  services.caddy = { enable = true; virtualHosts."http://irc.x".extraConfig = "reverse_proxy http://localhost:${toString config.services.thelounge.port}"; };
  services = { tailscale.enable = true; thelounge.enable = true; };
}
