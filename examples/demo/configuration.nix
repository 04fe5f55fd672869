# SPDX-License-Identifier: GPL-2.0-or-later
# The configuration that `make demo` builds, boots and checks: a kernel from the distribution's own source, small enough
# to be compiled in minutes, with one use of each option that the wiki page on Linux kernels teaches.
{ config, lib, pkgs, ... }:
{
  imports = [ ./small-kernel.nix ];

  boot.kernelPatches = [
    # Structured requests are checked and merged; a name without CONFIG_, a value of lib.kernel.
    {
      name = "sysrq";
      patch = null;
      structuredExtraConfig = with lib.kernel; {
        MAGIC_SYSRQ = yes;
        MAGIC_SYSRQ_DEFAULT_ENABLE = freeform "0x10";
        BLK_DEV_LOOP = module;
      };
    }
    # A real patch, with plain lines of configuration.
    {
      name = "say so in /proc/version";
      patch = ./patches/proc-version.patch;
      extraConfig = ''
        IKCONFIG y
        IKCONFIG_PROC y
      '';
    }
  ];

  boot.kernelParams = [ "quiet" "console=ttyS0" "kernix.demo=yes" ];

  # Stage 2 loads these; modprobe gives them the parameters below.
  boot.kernelModules = [ "hello" "loop" ];
  boot.extraModulePackages = [ (config.boot.kernelPackages.callPackage ./hello.nix { }) ];
  boot.extraModprobeConfig = ''
    options loop max_loop=5
    options hello times=2
  '';

  # Stage 1 loads these: the first when the disc appears, the second always.
  boot.initrd.availableKernelModules = [ "virtio_pci" "virtio_blk" ];
  boot.initrd.kernelModules = [ "dummy" ];
  boot.initrd.includeDefaultModules = false;

  boot.kernel.sysctl."kernel.sysrq" = 1;
  boot.kernel.sysctl."net.ipv4.tcp_ecn" = 1;

  fileSystems."/" = { device = "LABEL=nixos"; fsType = "ext4"; };
  networking.hostName = "demo";
}
