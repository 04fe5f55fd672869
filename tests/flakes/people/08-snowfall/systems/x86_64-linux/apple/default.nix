{ pkgs, namespace, ... }: { ${namespace}.zen.enable = true; fileSystems."/" = { device = "/dev/sda2"; fsType = "ext4"; }; }
