{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixpkgs-unstable";
  outputs = { self, nixpkgs, ... }: { nixosModules = { disko = import ./module.nix; default = self.nixosModules.disko; }; };
}
