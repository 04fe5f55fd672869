{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixpkgs-unstable";
  outputs = { self, nixpkgs }: {
    nixosModules = { sops = ./modules/sops; default = self.nixosModules.sops; };
  };
}
