{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = { self, nixpkgs }: {
    packages.x86_64-linux.tiny = nixpkgs.legacyPackages.x86_64-linux.linux_6_12.override { structuredExtraConfig = { SND = nixpkgs.lib.kernel.no; }; };
    nixosModules.tiny = { pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackagesFor self.packages.x86_64-linux.tiny; };
  };
}
