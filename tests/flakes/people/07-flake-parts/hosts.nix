{ inputs, self, ... }: {
  flake.nixosConfigurations.node = inputs.nixpkgs.lib.nixosSystem {
    system = "x86_64-linux";
    specialArgs = { inherit inputs; };
    modules = [ self.nixosModules.base ];
  };
  flake.nixosModules.base = { pkgs, ... }: {
    boot.kernelPackages = pkgs.linuxPackages_6_12;
    fileSystems."/" = { device = "/dev/vda"; fsType = "xfs"; };
  };
}
