# SPDX-License-Identifier: GPL-2.0-or-later
# Swap in memory.
# kind: configuration
{ zramSwap = { enable = true; algorithm = "lz4"; memoryPercent = 100; }; services.zram-generator.enable = true; boot.tmp.useTmpfs = true; boot.kernel.sysctl."vm.swappiness" = 180; systemd.oomd.enable = true; services.earlyoom.enable = true; }
