# SPDX-License-Identifier: GPL-2.0-or-later
# File systems and swap of all kinds.
# kind: configuration
{ ... }: {
  imports = [ ./hardware/scanned.nix ];
  swapDevices = [ { device = "/dev/disk/by-partuuid/50"; randomEncryption.enable = true; randomEncryption.allowDiscards = true; discardPolicy = "both"; priority = 10; } { device = "/var/lib/swapfile"; size = 32 * 1024; } { device = "/dev/mapper/sw"; encrypted = { enable = true; keyFile = "/k"; label = "sw"; blkDev = "/dev/sda3"; }; } ];
  zramSwap = { enable = true; algorithm = "lz4"; memoryPercent = 25; writebackDevice = null; priority = 100; };
  fileSystems."/data" = { device = "/dev/mapper/d"; fsType = "btrfs"; encrypted = { enable = true; label = "d"; blkDev = "/dev/sdb1"; keyFile = "/mnt-root/k"; }; options = [ "ssd" ]; };
  fileSystems."/mnt/nas" = { device = "//nas/x"; fsType = "cifs"; options = let o = "x-systemd.automount,noauto"; in [ "${o},credentials=/etc/smb" ]; };
  fileSystems."/tmp2" = { fsType = "tmpfs"; options = [ "size=2G" ]; };
  fileSystems."/b" = { device = "/data/x"; options = [ "bind" ]; depends = [ "/data" ]; };
  fileSystems."/big" = { device = "/dev/vdb"; fsType = "ext4"; autoFormat = true; autoResize = true; formatOptions = "-L big"; };
  fileSystems."/nfs" = { device = "n:/x"; fsType = "nfs"; options = [ "nfsvers=4.2" ]; };
  fileSystems."/w" = { device = "/dev/sda1"; fsType = "ntfs-3g"; options = [ "rw" "uid=1000" ]; };
  fileSystems."/exf" = { label = "X"; fsType = "exfat"; };
  fileSystems."/ov" = { overlay = { lowerdir = [ "/a" ]; upperdir = "/u"; workdir = "/wk"; }; };
}
