{
  description = "dotfiles";
  inputs = {
    nixpkgs.url = "git+https://github.com/NixOS/nixpkgs?ref=nixos-unstable&shallow=1";
    home-manager = { url = "github:nix-community/home-manager"; inputs.nixpkgs.follows = "nixpkgs"; };
    hardware.url = "github:nixos/nixos-hardware";
    utils = { url = "github:numtide/flake-utils"; inputs.systems.follows = "systems"; };
    systems.url = "github:nix-systems/default-linux";
  };
  outputs = { self, nixpkgs, home-manager, hardware, utils, ... }@inputs:
    let
      inherit (self) outputs;
      lib = nixpkgs.lib // home-manager.lib;
      pkgsFor = lib.genAttrs (import inputs.systems) (system: import nixpkgs { inherit system; config.allowUnfree = true; });
    in
    {
      inherit lib;
      nixosModules = import ./modules/nixos;
      devShells = lib.mapAttrs (_: pkgs: { default = pkgs.mkShell { name = "dots"; NIX_CONFIG = "extra-experimental-features = nix-command flakes"; }; }) pkgsFor;
      nixosConfigurations.atlas = lib.nixosSystem {
        modules = [ ./hosts/atlas ];
        specialArgs = { inherit inputs outputs; };
      };
      homeConfigurations."me@atlas" = lib.homeManagerConfiguration { modules = [ ]; pkgs = pkgsFor.x86_64-linux; };
    };
}
