{ lib, config, ... }: {
  options.home-manager = {
    users = lib.mkOption { type = lib.types.attrsOf lib.types.raw; default = { }; };
    useGlobalPkgs = lib.mkEnableOption "global pkgs";
    useUserPackages = lib.mkEnableOption "user packages";
    extraSpecialArgs = lib.mkOption { type = lib.types.attrs; default = { }; };
    backupFileExtension = lib.mkOption { type = lib.types.nullOr lib.types.str; default = null; };
  };
}
