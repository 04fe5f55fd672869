{ lib, config, ... }: {
  options.age.secrets = lib.mkOption {
    default = { };
    type = lib.types.attrsOf (lib.types.submodule ({ name, ... }: {
      options = {
        file = lib.mkOption { type = lib.types.path; };
        path = lib.mkOption { type = lib.types.str; default = "/run/agenix/${name}"; };
        owner = lib.mkOption { type = lib.types.str; default = "root"; };
      };
    }));
  };
}
