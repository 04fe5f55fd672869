{ lib, ... }: { options.environment.persistence = lib.mkOption { type = lib.types.attrsOf lib.types.anything; default = { }; }; }
