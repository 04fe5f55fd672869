{ lib }: {
  modulesIn = dir: lib.mapAttrs' (name: _: lib.nameValuePair (lib.removeSuffix ".nix" name) (import (dir + "/${name}")))
    (lib.filterAttrs (name: type: type == "regular" && lib.hasSuffix ".nix" name) (builtins.readDir dir));
}
