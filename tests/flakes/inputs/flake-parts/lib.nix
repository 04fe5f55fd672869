lib: {
  mkFlake = { inputs }: module:
    let
      perSystemModule = { config, ... }: {
        options = {
          systems = lib.mkOption { type = lib.types.listOf lib.types.str; };
          flake = lib.mkOption { type = lib.types.lazyAttrsOf lib.types.raw; default = { }; };
          perSystem = lib.mkOption { type = lib.types.functionTo (lib.types.lazyAttrsOf lib.types.raw); default = _: { }; };
        };
      };
      result = lib.evalModules {
        modules = [ perSystemModule module ];
        specialArgs = { inherit inputs; self = inputs.self; };
      };
      of = system: result.config.perSystem {
        inherit system;
        pkgs = inputs.nixpkgs.legacyPackages.${system};
        inputs' = builtins.mapAttrs (_: input: builtins.mapAttrs (_: v: v.${system} or null) input) inputs;
      };
      names = [ "packages" "devShells" "checks" "apps" ];
    in
    result.config.flake // lib.genAttrs names (name: lib.genAttrs result.config.systems (system: (of system).${name} or { }));
}
