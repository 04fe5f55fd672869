# SPDX-License-Identifier: GPL-2.0-or-later
# Virtual machines and containers.
# kind: configuration
{ config, pkgs, lib, ... }: {
  imports = [ ./hardware/scanned.nix ];
  virtualisation = { virtualbox.host.enable = true; virtualbox.guest.enable = true; vmware.host.enable = true; waydroid.enable = true; podman.enable = true; lxd.enable = true; libvirtd.enable = true; kvmgt.enable = true; anbox.enable = false; hypervGuest.enable = true; xen.enable = false; oci-containers.containers.x = { image = "y"; ports = [ "1:1" ]; volumes = [ "${config.users.users.me.home}/x:/y" ]; };
    vmVariant.virtualisation.memorySize = 2048; appvm.enable = false; containers.enable = true; incus.enable = true; useBootLoader = false; };
  users.users.me = { isNormalUser = true; };
  containers.web = { autoStart = true; config = { ... }: { services.nginx.enable = true; }; };
}
