{ lib, ... }: { my.tuned = true; fileSystems."/" = { device = "/dev/sda1"; fsType = "ext4"; }; networking.hostName = "red"; }
