{ outputs, lib, ... }: { boot.tmp.cleanOnBoot = lib.mkDefault true; nixpkgs.config.allowUnfree = true; }
