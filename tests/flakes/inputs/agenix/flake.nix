{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager = { url = "github:nix-community/home-manager"; inputs.nixpkgs.follows = "nixpkgs"; };
    systems.url = "github:nix-systems/default";
  };
  outputs = { self, nixpkgs, home-manager, systems }: {
    nixosModules.age = import ./age.nix;
    nixosModules.default = self.nixosModules.age;
    overlays.default = final: prev: { agenix = final.hello or null; };
  };
}
