# SPDX-License-Identifier: GPL-2.0-or-later
# RAID and a network in stage 1.
# kind: configuration
{ config, lib, pkgs, ... }: {
  imports = [ ./hardware/scanned.nix ];
  boot.loader.efi.efiSysMountPoint = "/boot/efi";
  boot.loader.grub = { enable = true; efiSupport = true; devices = [ "nodev" ]; mirroredBoots = [ { devices = [ "/dev/sda" ]; path = "/boot2"; } ]; };
  boot.initrd.availableKernelModules = [ "raid1" "md_mod" ];
  boot.swraid.enable = true; boot.swraid.mdadmConf = "MAILADDR root";
  networking.useDHCP = true; networking.usePredictableInterfaceNames = false;
  networking.interfaces."eth0".ipv4.addresses = [ { address = "1.2.3.4"; prefixLength = 24; } ];
  systemd.network.networks."40-ens3".routes = [ { routeConfig.Gateway = "fe80::1"; } ];
  users.users.root.openssh.authorizedKeys.keys = [ "ssh-ed25519 AAAA" ];
  systemd.services.nix-daemon.serviceConfig = { Delegate = "yes"; };
  boot.initrd.network = { enable = true; ssh = { enable = true; port = 2222; authorizedKeys = config.users.users.root.openssh.authorizedKeys.keys; hostKeys = [ "/etc/secrets/initrd/key" ]; }; };
}
