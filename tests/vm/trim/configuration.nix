# SPDX-License-Identifier: GPL-2.0-or-later
# The demo's small kernel with all modules that it may have, trimmed to what QEMU's machine needs.
{ lib, pkgs, ... }:
{
  imports = [ ../../../examples/demo/small-kernel.nix ];
  nixpkgs.overlays = [ (final: previous: { linuxPackagesFor = kernel: previous.linuxPackagesFor (kernel.override (old: { autoModules = true; })); }) ];
  boot.kernix.hardware = ./qemu.json;
  boot.kernix.plugIn = lib.mkForce { "being a virtual machine" = [ "VIRTIO_*" ]; };
  boot.initrd.includeDefaultModules = false;
  boot.kernelModules = [ "dummy" ];
  boot.kernelParams = [ "quiet" "console=ttyS0" ];
  fileSystems."/" = { device = "LABEL=nixos"; fsType = "ext4"; };
  virtualisation.vmVariant.virtualisation.guestScript = ''
    echo "root: $(grep ' / ' /proc/mounts)"
    echo "modules: $(find /lib/modules/$(uname -r)/ /run/booted-system/kernel-modules/ -name '*.ko*' 2>/dev/null | wc -l)"
    cat /proc/modules
  '';
}
