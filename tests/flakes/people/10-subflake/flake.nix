{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.kernels.url = "path:./kernels";
  inputs.kernels.inputs.nixpkgs.follows = "nixpkgs";
  outputs = { self, nixpkgs, kernels }: {
    packages.x86_64-linux.default = kernels.packages.x86_64-linux.tiny;
    nixosConfigurations.pi = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [ kernels.nixosModules.tiny { fileSystems."/" = { device = "/dev/sda1"; fsType = "ext4"; }; } ];
    };
  };
}
