{ fileSystems."/home" = { device = "/dev/x"; fstype = "ext4"; }; }
