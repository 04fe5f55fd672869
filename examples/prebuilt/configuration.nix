# SPDX-License-Identifier: GPL-2.0-or-later
# The distribution's own kernel, unpacked from its packages: nothing is compiled but the extra module. For whoever wants
# modules, parameters, sysctls and generations, and no other kernel.
{ config, pkgs, ... }:
{
  boot.kernelPackages = pkgs.linuxPackages_debian_bin;

  boot.kernelParams = [ "console=ttyS0" "usbcore.blinkenlights=1" ];
  boot.kernelModules = [ "loop" ];
  boot.extraModulePackages = with config.boot.kernelPackages; [ v4l2loopback ];
  boot.extraModprobeConfig = ''
    options loop max_loop=5
    options v4l2loopback devices=2
  '';
  boot.blacklistedKernelModules = [ "pcspkr" ];
  boot.kernel.sysctl."kernel.sysrq" = 1;

  fileSystems."/" = { device = "LABEL=nixos"; fsType = "ext4"; };
  networking.hostName = "prebuilt";
}
