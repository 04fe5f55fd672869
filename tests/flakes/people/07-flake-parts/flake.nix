{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    flake-parts.url = "github:hercules-ci/flake-parts";
    systems.url = "github:nix-systems/default-linux";
  };
  outputs = inputs@{ flake-parts, ... }:
    flake-parts.lib.mkFlake { inherit inputs; } {
      imports = [ ./hosts.nix ];
      systems = import inputs.systems;
      perSystem = { pkgs, system, ... }: {
        packages.default = pkgs.linux_6_12;
        devShells.default = pkgs.mkShell { name = "parts"; };
      };
    };
}
