# SPDX-License-Identifier: GPL-2.0-or-later
# A configuration in parts that hang on each other.
# kind: configuration
{ config, pkgs, lib, ... }: { imports = [ ./hardware/scanned.nix ]; config = lib.mkMerge [ (lib.mkIf (config.networking.hostName == "foo") { boot.kernelParams = [ "foo" ]; services.nginx.enable = true; }) (lib.mkIf (config.networking.hostName != "foo") { environment.systemPackages = [ pkgs.hello ]; users.users.x.isNormalUser = true; }) { networking.hostName = "bar"; } ]; }
