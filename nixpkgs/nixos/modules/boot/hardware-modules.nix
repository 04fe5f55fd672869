# SPDX-License-Identifier: GPL-2.0-or-later
# Switches of hardware.*, security.* and networking.* that come down to modules, parameters and sysctls of the kernel.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption mkIf optional optionals optionalAttrs types;
  inherit (config) hardware security;
  packages = config.boot.kernelPackages;
  switch = text: mkOption { type = types.bool; default = false; description = text; };

  # Disks, controllers, keyboards and virtual machines of all kinds; a kernel need not have them.
  all = [
    "ahci" "ata_piix" "sata_inic162x" "sata_nv" "sata_promise" "sata_qstor" "sata_sil" "sata_sil24" "sata_sis" "sata_svw" "sata_sx4" "sata_uli" "sata_via" "sata_vsc"
    "pata_ali" "pata_amd" "pata_artop" "pata_atiixp" "pata_efar" "pata_hpt366" "pata_hpt37x" "pata_hpt3x2n" "pata_hpt3x3" "pata_it8213" "pata_it821x" "pata_jmicron"
    "pata_marvell" "pata_mpiix" "pata_netcell" "pata_ns87410" "pata_oldpiix" "pata_pcmcia" "pata_pdc2027x" "pata_rz1000" "pata_serverworks" "pata_sil680" "pata_sis"
    "pata_sl82c105" "pata_triflex" "pata_via" "pata_winbond"
    "3w-9xxx" "3w-xxxx" "aic79xx" "aic7xxx" "arcmsr" "hpsa" "megaraid_sas" "mpt3sas" "mptspi" "isci" "sd_mod" "sr_mod" "nvme" "vmd" "uas" "usb_storage" "sdhci_pci" "mmc_block"
    "firewire_ohci" "firewire_sbp2" "xhci_pci" "ehci_pci" "ohci_pci" "uhci_hcd" "usbhid" "hid_generic" "hid_apple" "hid_logitech_dj" "hid_lenovo" "thunderbolt"
    "virtio_net" "virtio_pci" "virtio_blk" "virtio_scsi" "virtio_balloon" "virtio_console" "vmw_pvscsi" "vmxnet3" "hv_storvsc" "xen-blkfront"
  ];
in
{
  options = {
    hardware = {
      enableAllHardware = switch "Whether the initrd has the drivers of many machines, where the kernel has them.";
      wirelessRegulatoryDatabase = switch "Whether the kernel gets the rules for wireless networks by country.";
      i2c.enable = switch "Whether programs can use I2C buses.";
      i2c.group = mkOption { type = types.str; default = "i2c"; description = "Who may."; };
      uinput.enable = switch "Whether programs can be input devices.";
      cpu.x86.msr.enable = switch "Whether the processor's model-specific registers are files.";
      amdgpu.initrd.enable = switch "Whether amdgpu is loaded in stage 1.";
      amdgpu.legacySupport.enable = switch "Whether amdgpu, not radeon, drives cards of the generations Southern Islands and Sea Islands.";
      amdgpu.overdrive.enable = switch "Whether AMD cards can be overclocked.";
      amdgpu.overdrive.ppfeaturemask = mkOption { type = types.str; default = "0xfffd7fff"; description = "Which of amdgpu's power features are on."; };
      rtl-sdr.enable = switch "Whether receivers with an RTL2832U are left to programs.";
      xpadneo.enable = switch "Whether there is the driver for wireless Xbox controllers.";
      openrazer.enable = switch "Whether there are the drivers for Razer's devices.";
      tuxedo-drivers.enable = switch "Whether there are the drivers for TUXEDO's notebooks.";
    };
    security = {
      allowUserNamespaces = mkOption { type = types.bool; default = true; description = "Whether user namespaces can be made."; };
      unprivilegedUsernsClone = switch "Whether users without privileges can make user namespaces, on a kernel that forbids it.";
      virtualisation.flushL1DataCache = mkOption { type = types.nullOr (types.enum [ "never" "cond" "always" ]); default = null; description = "When KVM flushes the level 1 data cache."; };
      apparmor.enable = switch "Whether AppArmor is the kernel's security module; profiles stay with the distribution.";
    };
    networking.enableIPv6 = mkOption { type = types.bool; default = true; description = "Whether there is IPv6."; };
    networking.usePredictableInterfaceNames = mkOption { type = types.bool; default = true; description = "Whether network interfaces are named by where they are."; };
  };

  # Other modules define more of these options than are declared here; what is not is left to the distribution. One definition for each option that they
  # come down to, since every definition is merged in every system.
  config = {
    boot = {
      initrd.optionalKernelModules = mkIf hardware.enableAllHardware all;
      initrd.kernelModules = optional hardware.amdgpu.initrd.enable "amdgpu";
      kernelModules = optional hardware.i2c.enable "i2c-dev"
        ++ optional hardware.uinput.enable "uinput"
        ++ optional hardware.cpu.x86.msr.enable "msr"
        ++ optional hardware.xpadneo.enable "hid_xpadneo"
        ++ optionals hardware.openrazer.enable [ "razeraccessory" "razerkbd" "razerkraken" "razermouse" ]
        ++ optional hardware.tuxedo-drivers.enable "tuxedo_keyboard";
      extraModulePackages = optional hardware.xpadneo.enable packages.xpadneo
        ++ optional hardware.openrazer.enable packages.openrazer
        ++ optional hardware.tuxedo-drivers.enable packages.tuxedo-drivers;
      blacklistedKernelModules = optionals hardware.rtl-sdr.enable [ "dvb_usb_rtl28xxu" "e4000" "rtl2832" ];
      kernelParams = optionals hardware.amdgpu.legacySupport.enable [ "amdgpu.si_support=1" "amdgpu.cik_support=1" "radeon.si_support=0" "radeon.cik_support=0" ]
        ++ optional hardware.amdgpu.overdrive.enable "amdgpu.ppfeaturemask=${hardware.amdgpu.overdrive.ppfeaturemask}"
        ++ optional (security.virtualisation.flushL1DataCache != null) "kvm-intel.vmentry_l1d_flush=${security.virtualisation.flushL1DataCache}"
        ++ optionals security.apparmor.enable [ "apparmor=1" "security=apparmor" ]
        ++ optional (!config.networking.usePredictableInterfaceNames) "net.ifnames=0";
      kernel.sysctl = optionalAttrs (!security.allowUserNamespaces) { "user.max_user_namespaces" = 0; }
        // optionalAttrs security.unprivilegedUsernsClone { "kernel.unprivileged_userns_clone" = lib.mkDefault true; }
        // optionalAttrs (!config.networking.enableIPv6) {
          "net.ipv6.conf.all.disable_ipv6" = lib.mkDefault true;
          "net.ipv6.conf.default.disable_ipv6" = lib.mkDefault true;
        };
    };
    hardware.firmware = optional hardware.wirelessRegulatoryDatabase pkgs.wireless-regdb;
  };
}
