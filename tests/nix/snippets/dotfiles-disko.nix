# SPDX-License-Identifier: GPL-2.0-or-later
# Discs as disko has them.
# kind: configuration
# says: disko.devices: discs are not set up
{ disko.devices.disk.main = { device = "/dev/nvme0n1"; type = "disk"; content = { type = "gpt"; partitions.root = { size = "100%"; content = { type = "filesystem"; format = "ext4"; mountpoint = "/"; }; }; }; }; }
