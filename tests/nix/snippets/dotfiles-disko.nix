# SPDX-License-Identifier: GPL-2.0-or-later
# Disks as disko has them.
# kind: configuration
# says: disko.devices: disks are not set up
{ disko.devices.disk.main = { device = "/dev/nvme0n1"; type = "disk"; content = { type = "gpt"; partitions.root = { size = "100%"; content = { type = "filesystem"; format = "ext4"; mountpoint = "/"; }; }; }; }; }
