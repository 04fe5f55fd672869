# SPDX-License-Identifier: GPL-2.0-or-later
# A specialisation that hands a graphics card to a guest.
# kind: configuration
{ config, pkgs, lib, ... }: let gpuIDs = [ "10de:1b80" "10de:10f0" ]; in {
  imports = [ ./hardware/scanned.nix ];
  options.vfio.enable = with lib; mkEnableOption "Configure the machine for VFIO";
  config = let cfg = config.vfio; in {
    specialisation."VFIO".configuration = { system.nixos.tags = [ "with-vfio" ]; vfio.enable = true; };
    boot = { initrd.kernelModules = [ "vfio_pci" "vfio" "vfio_iommu_type1" ];
      kernelParams = [ "amd_iommu=on" ] ++ lib.optional cfg.enable ("vfio-pci.ids=" + lib.concatStringsSep "," gpuIDs); };
    hardware.opengl.enable = true; virtualisation.spiceUSBRedirection.enable = true;
    virtualisation.libvirtd = { enable = true; qemu.ovmf = { enable = true; packages = [ (pkgs.OVMF.override { secureBoot = true; }).fd ]; }; };
  };
}
