{ fileSystems."/" = { device = "/dev/vda"; fsType = "ext4"; }; fileSystems."/nix/store".overlay = { lowerdir = [ "/a" ]; upperdir = "/b"; }; }
