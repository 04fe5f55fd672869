{
  outputs = inputs@{ self, nixpkgs, flake-utils, ... }: flake-utils.lib.eachSystem [ "x86_64-linux" ] (system: {
    packages.default = nixpkgs.legacyPackages.${system}.linux_6_12;
    checks = { inherit (self.packages.${system}) default; };
  }) // { nixosConfigurations.implicit = nixpkgs.lib.nixosSystem { system = "x86_64-linux"; modules = [ { fileSystems."/" = { device = "/dev/sda1"; fsType = "ext4"; }; } ]; }; };
}
