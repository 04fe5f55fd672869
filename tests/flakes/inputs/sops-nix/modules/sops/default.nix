{ lib, ... }: {
  options.sops = {
    defaultSopsFile = lib.mkOption { type = lib.types.path; };
    age.keyFile = lib.mkOption { type = lib.types.nullOr lib.types.str; default = null; };
    secrets = lib.mkOption { type = lib.types.attrsOf lib.types.anything; default = { }; };
  };
}
