{ fileSystems."/" = { device = "/dev/vda"; fsType = "ext4"; }; fileSystems."/nix" = { device = "/a/nix"; options = [ "bind" ]; }; fileSystems."/a" = { device = "/nix/a"; options = [ "bind" ]; }; }
