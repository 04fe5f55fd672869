# SPDX-License-Identifier: GPL-2.0-or-later
# A studio.
# kind: configuration
{ pkgs, ... }: { musnix = { enable = true; kernel.realtime = true; rtirq.enable = true; }; boot.kernelPackages = pkgs.linuxPackages_rt_6_6; boot.kernelParams = [ "threadirqs" ]; services.jack.jackd.enable = true; powerManagement.cpuFreqGovernor = "performance"; }
