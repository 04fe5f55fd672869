{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-24.11";
    nixpkgs-unstable.url = "github:nixos/nixpkgs/nixos-unstable";
    home-manager = {
      url = "github:nix-community/home-manager/release-24.11";
      inputs.nixpkgs.follows = "nixpkgs";
    };
    nixos-hardware.url = "github:NixOS/nixos-hardware/master";
  };

  outputs = inputs@{ self, nixpkgs, nixpkgs-unstable, home-manager, nixos-hardware, ... }:
    let
      inherit (nixpkgs) lib;
      hosts = {
        desk = { system = "x86_64-linux"; modules = [ nixos-hardware.nixosModules.common-cpu-intel ]; };
        t480 = { system = "x86_64-linux"; modules = [ nixos-hardware.nixosModules.lenovo-thinkpad-t480 nixos-hardware.nixosModules.common-pc-ssd ]; };
      };
      mkHost = name: { system, modules }: lib.nixosSystem {
        inherit system;
        specialArgs = { inherit inputs; unstable = import nixpkgs-unstable { inherit system; config.allowUnfree = true; }; };
        modules = [
          ./hosts/${name}
          ./common.nix
          { networking.hostName = name; }
          home-manager.nixosModules.home-manager
          { home-manager.useGlobalPkgs = true; home-manager.users.me = import ./home.nix; home-manager.extraSpecialArgs = { inherit inputs; }; }
        ] ++ modules;
      };
    in { nixosConfigurations = lib.mapAttrs mkHost hosts; };
}
