{
  inputs.nixpkgs-lib.url = "github:nix-community/nixpkgs.lib";
  outputs = { self, nixpkgs-lib }: { lib = import ./lib.nix nixpkgs-lib.lib; };
}
