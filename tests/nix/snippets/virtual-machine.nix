# SPDX-License-Identifier: GPL-2.0-or-later
# A virtual machine with an overridden kernel, overlays and modules.
# kind: configuration
{ config, pkgs, lib, ... }:
{
  imports = [ <nixpkgs/nixos/modules/profiles/qemu-guest.nix> ];
  fileSystems."/" = { device = "/dev/disk/by-label/nixos"; fsType = "ext4"; };
  boot.loader.grub.device = "/dev/sda";
  boot.loader.grub.useOSProber = true;
  boot.kernelPackages = lib.mkDefault (pkgs.linuxPackagesFor (pkgs.linux_6_12.override {
    structuredExtraConfig = with lib.kernel; {
      PREEMPT = lib.mkForce yes;
      PREEMPT_VOLUNTARY = lib.mkForce no;
      HZ_1000 = yes;
      HZ = freeform "1000";
    };
    ignoreConfigErrors = true;
  }));
  boot.kernelPatches = lib.singleton {
    name = "disable-ccp";
    patch = null;
    extraStructuredConfig = { CRYPTO_DEV_CCP = lib.mkForce lib.kernel.no; };
  };
  boot.extraModulePackages = [ config.boot.kernelPackages.v4l2loopback ];
  boot.kernelModules = [ "v4l2loopback" "tcp_bbr" ];
  boot.extraModprobeConfig = lib.mkAfter "options v4l2loopback exclusive_caps=1 card_label=\"Virtual Camera\"";
  nixpkgs.overlays = [
    (self: super: {
      linuxPackages_custom = self.linuxPackagesFor (self.linux_latest.override { argsOverride = { version = "6.99.0"; modDirVersion = "6.99.0"; src = super.fetchurl { url = "mirror://kernel/linux/kernel/v6.x/linux-6.99.tar.xz"; sha256 = super.lib.fakeSha256; }; }; });
    })
  ];
  nixpkgs.config.allowUnfree = true;
  boot.consoleLogLevel = 0;
  boot.initrd.verbose = false;
  boot.initrd.systemd.enable = true;
  boot.initrd.supportedFilesystems = [ "btrfs" ];
  boot.kernel.sysctl = { "kernel.sysrq" = 502; "fs.inotify.max_user_watches" = lib.mkDefault 524288; "net.ipv4.conf.all.forwarding" = true; };
  boot.modprobeConfig.enable = true;
  boot.initrd.extraFiles = {};
  hardware.firmware = with pkgs; [ firmwareLinuxNonfree ];
  networking.firewall.enable = false;
  systemd.services.foo = { wantedBy = [ "multi-user.target" ]; serviceConfig.ExecStart = "${pkgs.coreutils}/bin/true"; };
  services.udev.extraRules = ''x'';
  environment.etc."modprobe.d/my.conf".text = "blacklist foo";
}
