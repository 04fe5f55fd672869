{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = { self, nixpkgs, ... }: {
    nixosModules.home-manager = import ./nixos.nix;
    nixosModules.default = self.nixosModules.home-manager;
    lib.homeManagerConfiguration = { pkgs, modules, ... }: { inherit pkgs modules; };
  };
}
