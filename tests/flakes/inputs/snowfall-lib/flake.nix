{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    flake-utils.url = "github:numtide/flake-utils";
    flake-compat = { url = "github:edolstra/flake-compat"; flake = false; };
  };
  outputs = { self, nixpkgs, ... }:
    let
      inherit (nixpkgs) lib;
      dirs = path: if builtins.pathExists path then lib.attrNames (lib.filterAttrs (_: t: t == "directory") (builtins.readDir path)) else [ ];
    in {
      # systems/ARCH-FORMAT/NAME/default.nix become nixosConfigurations, modules/nixos/NAME their modules.
      mkFlake = { inputs, src, specialArgs ? { }, ... }: {
        nixosModules = lib.genAttrs (dirs (src + "/modules/nixos")) (name: import (src + "/modules/nixos/${name}"));
        nixosConfigurations = lib.listToAttrs (lib.concatMap
          (system: map
            (name: lib.nameValuePair name (inputs.nixpkgs.lib.nixosSystem {
              inherit system;
              specialArgs = { inherit inputs system; namespace = "internal"; } // specialArgs;
              modules = [ (src + "/systems/${system}/${name}") ] ++ lib.attrValues inputs.self.nixosModules;
            }))
            (dirs (src + "/systems/${system}")))
          (dirs (src + "/systems")));
      };
    };
}
