{
  inputs = {
    nixpkgs.url = "github:nixos/nixpkgs/nixos-24.05";
    snowfall-lib = { url = "github:snowfallorg/snowfall-lib"; inputs.nixpkgs.follows = "nixpkgs"; };
  };
  outputs = inputs: inputs.snowfall-lib.mkFlake { inherit inputs; src = ./.; };
}
