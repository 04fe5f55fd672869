{
  inputs.nixpkgs.url = "https://channels.nixos.org/nixos-unstable/nixexprs.tar.xz";
  outputs = { self, nixpkgs }:
    let
      lib = nixpkgs.lib.extend (final: prev: { my = import ./lib { lib = final; }; });
      forAll = lib.genAttrs [ "x86_64-linux" "aarch64-linux" ];
    in {
      inherit lib;
      packages = forAll (system: { image = nixpkgs.legacyPackages.${system}.linux_6_12; });
      formatter = forAll (system: nixpkgs.legacyPackages.${system}.hello or null);
      nixosModules = lib.my.modulesIn ./modules;
      nixosConfigurations = builtins.mapAttrs
        (name: _: lib.nixosSystem { system = "x86_64-linux"; inherit lib; modules = [ (./hosts + "/${name}") ] ++ builtins.attrValues self.nixosModules; })
        (builtins.readDir ./hosts);
    };
}
