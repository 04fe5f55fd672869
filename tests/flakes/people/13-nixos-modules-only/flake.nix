{
  description = "Modules for others";
  outputs = { self, ... }@inputs: {
    nixosModules.default = { config, lib, pkgs, ... }: { options.services.thing.enable = lib.mkEnableOption "thing"; };
    lib.version = "1.${builtins.substring 0 8 (self.lastModifiedDate or "19700101")}";
    templates.default = { path = ./.; description = "A template"; };
  };
}
